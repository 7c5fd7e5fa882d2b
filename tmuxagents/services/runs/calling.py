"""Record that a run is over, for a person to be called, in the transaction that records its end."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.model.notice import NewNotice, arises_from_run
from tmuxagents.model.run import Run, TaskRow
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import notices
from tmuxagents.store.queue import Transaction


def note(tx: Transaction, run: Run, rows: Sequence[TaskRow]) -> None:
    """What it says beside the name is how many tasks came to what: nothing that they were asked, or answered."""
    kind = arises_from_run(run.state)
    if kind is None or run.ended_ns is None:
        return
    # Not needed by the steps before the last one.
    from tmuxagents.runs import telling

    what = telling.summary(run, rows).partition(": ")[2]
    new = NewNotice(kind, run.state, run.ended_ns, run.ended_ns, what=what)
    notices.record(tx, AgentId(run.id), AgentName(run.name), 0, new)
