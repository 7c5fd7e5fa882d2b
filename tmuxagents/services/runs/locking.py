"""The locks of a run's tasks: who else has them, and when a task takes and gives back its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.model.run import SETTLED, Run, TaskRow
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.runs import seeing
from tmuxagents.store import locks
from tmuxagents.store.queue import Transaction


def held(app: App, run: Run) -> frozenset[str]:
    """The locks that somebody else has."""
    from tmuxagents.services.locks import looking

    if not any(task.locks for task in run.manifest.tasks):
        return frozenset()
    mine = {kept.name for kept in locks.kept(app.db) if kept.run == run.name}
    return looking.held_names(app) - mine


def take(tx: Transaction, rows: Mapping[str, TaskRow], row: TaskRow, agent_id: AgentId, *, run: str, now: int) -> bool:
    """The new agent of that task takes what the task needs; False where somebody else has it by now."""
    give_back(tx, row)
    for each in _settled_with(rows, row):
        # It is over, as the planner has seen, and that is recorded in this very transaction at the latest.
        give_back(tx, each)
    return locks.keep(tx, row.task.locks, agent_id, run=run, now_ns=now)


def _settled_with(rows: Mapping[str, TaskRow], wanted: TaskRow) -> list[TaskRow]:
    """The settled tasks of the run that had one of its locks."""
    names = set(wanted.task.locks)
    return [row for row in rows.values() if row.state in SETTLED and not names.isdisjoint(row.task.locks)]


def give_back(tx: Transaction, row: TaskRow) -> None:
    """Those of every agent that it has had."""
    for agent_id in seeing.ids(row):
        locks.give_back(tx, AgentId(agent_id))


def free(app: App, over: Sequence[TaskRow]) -> None:
    """Give back the locks of tasks whose agents are over: until then their turns may run."""
    locked = [row for row in over if row.task.locks]
    if locked:
        with app.db.write() as tx:
            for row in locked:
                give_back(tx, row)
