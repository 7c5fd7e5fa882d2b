"""What carrying out an action leaves recorded: the rows of a run after it, in the database as in a model.

Everything here may be done twice: an action that is carried out already, or that speaks of an attempt which is not
the recorded one any more, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import (
    SETTLED,
    Action,
    Again,
    Begin,
    Check,
    Expand,
    Finish,
    Run,
    Settle,
    TaskRow,
    TaskState,
)
from tmuxagents.value import replace

_RETRIED: frozenset[TaskState] = SETTLED - {"done"}


def first(manifest: Manifest, rows: Sequence[TaskRow] = ()) -> tuple[TaskRow, ...]:
    """The rows of a run with that manifest: those that it has, and one for each task that is new."""
    known = {row.key for row in rows}
    new = (TaskRow(task.id, task, group=task.for_each is not None) for task in manifest.tasks if task.id not in known)
    return (*rows, *new)


def touched(rows: Mapping[str, TaskRow], action: Action, now_ns: int, agent_id: str | None = None) -> Sequence[TaskRow]:
    """The rows that the action changes or adds, as they are after it; none if it is carried out already. `rows` are
    those of the run by key: the action's own and, for an element, that of its repeated task are enough.

    `agent_id` is the agent that was claimed for a `Begin` or an `Again`, or for the check of a `Check`."""
    match action:
        case Expand(key=key, items=items):
            return _expanded(rows[key], items)
        case Begin(key=key, attempt=attempt, why=why):
            return _begun(rows, key, attempt, why, now_ns, agent_id)
        case Again(key=key, why=why, attempt=attempt):
            return _begun(rows, key, attempt, why, now_ns, agent_id or rows[key].agent_id)
        case Check(key=key):
            return _checking(rows[key], action, agent_id)
        case Settle(key=key):
            return _settled(rows[key], action, now_ns)
    return ()


def apply(rows: Sequence[TaskRow], action: Action, now_ns: int, agent_id: str | None = None) -> tuple[TaskRow, ...]:
    """All rows after the action."""
    return after(rows, [(action, agent_id)], now_ns)


def after(rows: Sequence[TaskRow], done: Iterable[tuple[Action, str | None]], now_ns: int) -> tuple[TaskRow, ...]:
    """All rows after those actions, each with the agent that was claimed for it."""
    table = {row.key: row for row in rows}
    for action, agent_id in done:
        table.update({row.key: row for row in touched(table, action, now_ns, agent_id)})
    return tuple(table.values())


def finished(run: Run, action: Finish, now_ns: int) -> Run:
    """The run after that."""
    return run if run.ended_ns is not None else replace(run, state=action.state, ended_ns=now_ns)


def retried(rows: Sequence[TaskRow], worked: Mapping[str, float] | None = None) -> tuple[TaskRow, ...]:
    """The rows with which what did not succeed is tried again, and what waited for it with it; what is done stays
    done. What was spent stays spent, and the last error is told until there is another end. `worked` are the
    seconds that each has worked, by its key."""
    return tuple(_waiting(row, worked or {}) if row.state in _RETRIED else row for row in rows)


def _waiting(row: TaskRow, worked: Mapping[str, float]) -> TaskRow:
    anew = replace(row, state="waiting", attempt=0, begun_ns=None, attempt_ns=None, ended_ns=None, check_id=None)
    return replace(anew, tried=row.tried + row.attempt, worked_s=worked.get(row.key, row.worked_s))


def _expanded(row: TaskRow, items: Sequence[Any]) -> Sequence[TaskRow]:
    if row.expanded or row.state in SETTLED:
        return ()
    elements = (TaskRow(f"{row.key}-{at}", row.task, of=row.key, item=item) for at, item in enumerate(items, 1))
    return (replace(row, expanded=True), *elements)


def _begun(
    rows: Mapping[str, TaskRow], key: str, attempt: int, why: str | None, now_ns: int, agent_id: str | None
) -> Sequence[TaskRow]:
    row = rows[key]
    if row.state in SETTLED or row.attempt != attempt - 1:
        return ()
    began = now_ns if row.begun_ns is None else row.begun_ns
    row = replace(
        row,
        state="begun",
        attempt=attempt,
        agent_id=agent_id,
        check_id=None,
        begun_ns=began,
        attempt_ns=now_ns,
        answer=None,
        error=why,
    )
    group = rows.get(row.of) if row.of is not None else None
    if group is None or group.begun_ns is not None:
        return (row,)
    return row, replace(group, begun_ns=now_ns)


def _checking(row: TaskRow, action: Check, agent_id: str | None) -> Sequence[TaskRow]:
    if row.state != "begun" or row.attempt != action.attempt:
        return ()
    spent = _spent(row, action)
    return (replace(row, state="checking", answer=action.answer, check_id=agent_id, **spent),)


def _settled(row: TaskRow, action: Settle, now_ns: int) -> Sequence[TaskRow]:
    if row.state in SETTLED or row.attempt != action.attempt:
        return ()
    spent = _spent(row, action)
    ended = {"state": action.state, "answer": action.answer, "error": action.error, "ended_ns": now_ns}
    return (replace(row, **ended, **spent),)


def _spent(row: TaskRow, action: Check | Settle) -> dict[str, Any]:
    """What is known to be spent after it: what was known before is not forgotten."""
    return {
        "cost_usd": row.cost_usd if action.cost_usd is None else action.cost_usd,
        "tokens": row.tokens if action.tokens is None else action.tokens,
    }
