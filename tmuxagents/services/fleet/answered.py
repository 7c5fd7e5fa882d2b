"""An agent's last answer: what it said in the last of its turns that said something."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services.app import App
from tmuxagents.store import journal
from tmuxagents.value import Value

_STEP = 200


class Answer(Value):
    """`text` and `at_ns` are None where it has said nothing yet."""

    agent: AgentName
    agent_id: AgentId
    text: str | None = None
    at_ns: int | None = None


def last(app: App, agent: Agent) -> Answer:
    """From the journal; of a program that only prints, the last that it printed. What runs without a terminal says at
    its end what its answer is."""
    if agent.is_headless and agent.condition.state in OVER and agent.condition.last_text:
        return Answer(agent.name, agent.id, agent.condition.last_text, agent.condition.since_ns)
    count = _STEP
    while True:
        entries = journal.newest(app.db, count, agents=[agent.id], kinds=["prompt", "text", "output"])
        said = texts(entries)
        # A turn that began before what was read may have said more.
        if len(entries) < count or (said and said[0].seq > entries[0].seq):
            break
        count *= 4
    if not said:
        return Answer(agent.name, agent.id)
    return Answer(agent.name, agent.id, "\n\n".join(entry.text for entry in said), said[-1].at_ns)


def texts(entries: Sequence[Entry]) -> list[Entry]:
    """The texts of the last turn that has some; what subagents said is not its answer."""
    found: list[Entry] = []
    for entry in reversed(entries):
        if entry.kind == "prompt" and found:
            break
        if entry.kind == "output" and not found:
            return [entry]
        if entry.kind == "text" and not entry.detail.get("subagent"):
            found.append(entry)
    return found[::-1]
