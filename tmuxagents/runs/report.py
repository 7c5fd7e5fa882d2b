"""How quick a run was, told honestly: against the sum of its tasks, its longest path, and what held it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tmuxagents.model.run import Run, Span, TaskRow, Why
from tmuxagents.runs import paths
from tmuxagents.runs.gates import NS
from tmuxagents.value import Value

_WAITS = frozenset({"queue", "needs-you", "window", "limited"})
"""While a task that has begun waits so, it does not work: time that is not counted as its own."""


class HeldBack(Value):
    """What one cause cost: `wall_s` in which it held back at least one, `tasks_s` over all `tasks` that it did."""

    why: Why
    wall_s: float
    tasks_s: float
    tasks: int


class Speed(Value):
    """`wall_s` from first to last, without the time in which it was over and nobody had retried it. `tasks_s`: what the
    tasks worked, one after the other, without what they waited. `speed_up`: how many times longer that is; None for a
    run of no time. `path`: the longest chain of tasks that waited for each other, which no number of agents makes
    shorter; `path_s`: what it worked. `held`: the most first."""

    wall_s: float
    tasks_s: float
    speed_up: float | None
    path: Sequence[str]
    path_s: float
    held: Sequence[HeldBack]


def speed(run: Run, rows: Sequence[TaskRow], spans: Sequence[Span], now_ns: int) -> Speed:
    """The figures of a run, or of what there is of one that goes on."""
    ended = now_ns if run.ended_ns is None else run.ended_ns
    wall = took_ns(run, now_ns) / NS
    own = worked(rows, spans, ended)
    path = _path(rows, own)
    total = sum(own.values())
    return Speed(
        wall, total, total / wall if wall > 0 else None, path, sum(own[key] for key in path), _held(spans, ended)
    )


RESTED = "rested"
"""Where a run keeps how long it was over before it was retried."""


def took_ns(run: Run, now_ns: int) -> int:
    """From when it was created to its end, or to now, without the time in which it was over."""
    return (now_ns if run.ended_ns is None else run.ended_ns) - run.created_ns - rested_ns(run)


def rested_ns(run: Run) -> int:
    """How long it was over before somebody retried it."""
    return int(run.options.get(RESTED, {}).get("ns", 0))


def worked(rows: Sequence[TaskRow], spans: Sequence[Span], ended: int) -> dict[str, float]:
    """How many seconds each task has worked, in all its attempts, by its key."""
    waits: dict[str, list[Span]] = {}
    for span in spans:
        if span.why in _WAITS:
            waits.setdefault(span.key, []).append(span)
    had = [row for row in rows if (row.begun_ns is not None or row.tried) and not row.group]
    return {row.key: row.worked_s + _own(row, waits.get(row.key, ()), ended) for row in had}


def _own(row: TaskRow, waits: Iterable[Span], ended: int) -> float:
    if row.begun_ns is None:
        return 0.0
    began, over = row.begun_ns, ended if row.ended_ns is None else row.ended_ns
    clipped = ((max(each.from_ns, began), min(_end(each, ended), over)) for each in waits)
    return max(over - began - _covered(clipped), 0) / NS


def _covered(pieces: Iterable[tuple[int, int]]) -> int:
    """How long at least one of them lasts."""
    total, reached = 0, 0
    for began, ended in sorted(pieces):
        total += max(ended - max(began, reached), 0)
        reached = max(reached, ended)
    return total


def _end(span: Span, ended: int) -> int:
    return ended if span.to_ns is None else span.to_ns


def _held(spans: Sequence[Span], ended: int) -> list[HeldBack]:
    by: dict[Why, list[Span]] = {}
    for span in spans:
        by.setdefault(span.why, []).append(span)
    held = [
        HeldBack(
            why,
            _covered((each.from_ns, _end(each, ended)) for each in own) / NS,
            sum(_end(each, ended) - each.from_ns for each in own) / NS,
            len({each.key for each in own}),
        )
        for why, own in by.items()
    ]
    return sorted(held, key=lambda each: (-each.wall_s, each.why))


def _path(rows: Sequence[TaskRow], worked: Mapping[str, float]) -> list[str]:
    """By what each waited for; of a join, only those that had succeeded when it began."""
    table = {row.key: row for row in rows}
    before = {row.key: list(row.task.depends_on) + _joined(row, table) for row in rows}
    for row in rows:
        if row.of is not None:
            before[row.of].append(row.key)
    return [key for key in paths.longest(before, worked) if key in worked]


def _joined(row: TaskRow, table: Mapping[str, TaskRow]) -> list[str]:
    if row.task.join is None or row.begun_ns is None:
        return []
    members = (table[key] for key in row.task.join.of if key in table)
    return [each.key for each in members if each.state == "done" and (each.ended_ns or 0) <= row.begun_ns]
