"""Whether a task's turn has come: by its dependencies, and by its join."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tmuxagents.model.manifest import Join
from tmuxagents.model.run import SETTLED, TaskRow, TaskState
from tmuxagents.runs import words
from tmuxagents.runs.table import Table
from tmuxagents.settings.shown import duration

NS = 1_000_000_000
_MISSED: frozenset[TaskState | None] = SETTLED - {"done"} | {None}


class Closed(NamedTuple):
    """Its turn never comes: how it ends, and why."""

    state: TaskState
    why: str


Gate = Literal["open", "waits"] | Closed


def of(table: Table, row: TaskRow) -> Gate:
    """What holds for a task, or for a repeated one and all its elements. Once open it stays open."""
    gate: Gate = "open"
    for name in row.task.depends_on:
        state = table.states.get(name)
        if state == "done":
            continue
        if state in _MISSED:
            return Closed("skipped", f"it needs '{name}', which {words.became(state)}")
        gate = "waits"
    joined = _of_join(table, row.task.join) if row.task.join else "open"
    return joined if joined != "open" else gate


def _of_join(table: Table, join: Join) -> Gate:
    done = _done(table, join)
    if _is_met(table, join):
        return "open"
    bad = [(key, state) for key in join.of if (state := table.state(key)) in _MISSED]
    if len(join.of) - len(bad) < join.need:
        return Closed("failed", _short(table, join, bad))
    if done < join.need and _is_late(table, join, table.now):
        assert join.timeout_s is not None, "only a join with a time limit is late"
        waited = f"after {duration(join.timeout_s)} {done} of the {join.need} that it needs had succeeded"
        left = [key for key in join.of if not table.is_settled(key)]
        return Closed("failed", f"{waited}; {', '.join(left)} had not" + (f"; {_told(table, bad)}" if bad else ""))
    return "waits"


def _short(table: Table, join: Join, bad: list[tuple[str, TaskState | None]]) -> str:
    if len(bad) == len(join.of):
        return f"all {len(bad)} that it waits for failed: {_told(table, bad)}"
    return (
        f"it needs {join.need} of {len(join.of)}, and only {len(join.of) - len(bad)} can succeed: {_told(table, bad)}"
    )


def _told(table: Table, bad: list[tuple[str, TaskState | None]]) -> str:
    return ", ".join(
        words.listed([(key, state, table.error(key))]) if state else f"{key} {words.became(None)}" for key, state in bad
    )


def _done(table: Table, join: Join) -> int:
    return sum(table.state(key) == "done" for key in join.of)


def _is_met(table: Table, join: Join) -> bool:
    if _done(table, join) < join.need:
        return False
    return not join.whole or all(_is_over(table, key) for key in join.of) or _is_late(table, join, table.now)


def _is_over(table: Table, key: str) -> bool:
    """One that is not there is over too."""
    state = table.state(key)
    return state == "done" or state in _MISSED


def deadline(table: Table, join: Join) -> int | None:
    """When a join has waited long enough: its time counts from when the first that it waits for was begun."""
    if join.timeout_s is None:
        return None
    began = [row.begun_ns for key in join.of if (row := table.rows.get(key)) and row.begun_ns is not None]
    # What was done before a retry began long ago: the join waits anew.
    return max(min(began), table.facts.run.retried_ns or 0) + round(join.timeout_s * NS) if began else None


def _is_late(table: Table, join: Join, at_ns: int | None) -> bool:
    limit = deadline(table, join)
    return limit is not None and at_ns is not None and at_ns >= limit


def is_decided(table: Table, row: TaskRow) -> bool:
    """Whether a join waits no longer: enough have succeeded, or its time was over before. One that failed because too
    many others did cancels nothing."""
    assert row.task.join is not None, "only a join is decided"
    if _is_met(table, row.task.join):
        return True
    return table.state(row.key) == "failed" and _is_late(table, row.task.join, table.ended_ns(row.key))


def unwanted(table: Table, row: TaskRow) -> list[str]:
    """The tasks that a decided join with `late: stop` did not wait for, and nobody else waits for either."""
    assert row.task.join is not None, "only a join leaves some behind"
    waits = {row.key: False}
    left = [key for key in row.task.join.of if key in table.rows and not table.is_settled(key)]
    return [key for key in left if not any(_waits(table, name, key, waits) for name in table.order.dependents[key])]


def _waits(table: Table, name: str, key: str, joins: dict[str, bool]) -> bool:
    """Whether that task waits for this one; `joins` keeps which of them are not decided, for the next question."""
    row = table.rows.get(name)
    if row is None or table.is_settled(name):
        return False
    if key in row.task.depends_on:
        return True
    if name not in joins:
        joins[name] = not is_decided(table, row)
    return joins[name]
