"""What an agent of a run has answered: to its task, to what it was told after a failure, and whether all of it is
known."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import Entry
from tmuxagents.model.run import Told
from tmuxagents.services.app import App
from tmuxagents.services.fleet import answered
from tmuxagents.store import journal, messages
from tmuxagents.value import Value

ANSWER_LIMIT = 1_000_000
"""So many characters of what a program printed last are its answer."""

_TOLD = ("prompt", "text", "turn", "receipt")


class First(Value):
    """What it has answered to its task; `typed`: while it did, somebody typed at its window what began another turn."""

    text: str
    typed: bool


def first(app: App, agent: Agent) -> First | None:
    """What it answered in the turn that its task began, where another has begun since; None where that turn did not
    end well. What was said to it by us meanwhile belongs to the task: then its last answer counts."""
    if agent.condition.turn < 2 or agent.is_headless or not registry.kind(agent.kind).CONFIRMS:
        return None
    entries = journal.after(app.db, 0, agents=[agent.id], kinds=_TOLD, limit=100_000)
    end = next((entry for entry in entries if entry.kind == "turn" and entry.detail.get("turn") == 1), None)
    if end is None or end.detail.get("how") != "done" or messages.has_before(app.db, agent.id, end.at_ns):
        return None
    typed = any(entry.detail.get("how") == "queued" for entry in entries if entry.seq < end.seq)
    return First(_said(entries, 0, end.seq), typed)


def to_text(app: App, agent: Agent, told: Told) -> str | None:
    """What it answered in the turn in which it took that text; None while that turn runs."""
    entries = journal.after(app.db, told.mark, agents=[agent.id], kinds=_TOLD, limit=100_000)
    taken = [e for e in entries if e.kind == "prompt" and e.detail.get("digest") == told.digest]
    ends = [e for e in entries if taken and e.kind == "turn" and e.detail.get("turn") == taken[0].detail.get("turn")]
    return _said(entries, taken[0].seq, ends[0].seq) if ends else None


def _said(entries: Sequence[Entry], after: int, before: int) -> str:
    texts = [entry for entry in entries if entry.kind == "text" and after < entry.seq < before]
    return "\n\n".join(entry.text for entry in texts if not entry.detail.get("subagent"))


def last(app: App, agent: Agent) -> str:
    """What it has answered, whole; of a program what it printed: from the beginning of a line, its end of at most
    `ANSWER_LIMIT` characters."""
    if registry.kind(agent.kind).CONFIRMS:
        return answered.last(app, agent).text or ""
    entries = journal.newest(app.db, 50_000, agents=[agent.id], kinds=["output"])
    text = "\n".join(entry.text for entry in entries if entry.generation == agent.generation)
    if len(text) <= ANSWER_LIMIT:
        return text
    return text[-ANSWER_LIMIT:].partition("\n")[2]


def is_torn(app: App, agent: Agent, said: str | None) -> bool:
    """Whether the end of what a program printed is missing, or some of it where nothing is there: its terminal could
    not be recorded, as on a full disk, or while tmux was stuck."""
    if registry.kind(agent.kind).CONFIRMS:
        return False
    gaps = journal.newest(app.db, 10, agents=[agent.id], kinds=["gap"])
    return any(entry.generation == agent.generation and (not said or entry.detail.get("end")) for entry in gaps)
