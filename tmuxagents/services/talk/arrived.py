"""Whether an agent has a text whose deliverer was killed: only the agent's own word says so."""

from __future__ import annotations

from tmuxagents.kinds.prompts import digest
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.talk import long_text
from tmuxagents.store import journal


def has(app: App, agent_id: AgentId, text: str, mark: int) -> bool:
    """Whether it has told, behind that place of the journal, that it got the text, or the prompt that points to the
    file with it. Its sources were read before."""
    wanted = {digest(text)}
    if len(text) > app.config.paste_limit:
        wanted.add(digest(long_text.pointer(app, agent_id, text)))
    found = journal.after(app.db, mark, agents=[agent_id], kinds=["receipt"], limit=100_000)
    return any(entry.detail.get("digest") in wanted for entry in found)
