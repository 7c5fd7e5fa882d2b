"""What a run would do, before it does: carried out by the planner itself, in a world in which everything succeeds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import Begin, Check, Facts, Finish, Run, Seen, Settle, TaskRow
from tmuxagents.runs import apply, order, paths, planner
from tmuxagents.runs.gates import NS
from tmuxagents.runs.results import total
from tmuxagents.value import Value, replace


class Wave(Value):
    """Those that would begin together, by their keys; `start_s` after the run, None where that is unknown."""

    start_s: float | None
    keys: Sequence[str]


class Outlook(Value):
    """`at_once`: the most that would work together; `widest`: the most that could, without limits and locks. `path`:
    the longest chain of tasks, by their times where all are known, else by their number. `path_s` and `wall_s` are
    None unless every time is known; `unknown_times` are the tasks without one. `cost_usd` and `tokens` are what it
    may cost at most, None where a task of an agent has no budget (`unknown_costs`, `unknown_tokens`): what runs as
    a budget is reached may pass it. `uncounted` are repeated for what is not known before the run: they stand for one
    element each."""

    waves: Sequence[Wave]
    at_once: int
    widest: int
    path: Sequence[str]
    path_s: float | None
    wall_s: float | None
    unknown_times: Sequence[str]
    cost_usd: float | None
    unknown_costs: Sequence[str]
    tokens: int | None
    unknown_tokens: Sequence[str]
    uncounted: Sequence[str]


def outlook(manifest: Manifest, durations: Mapping[str, float]) -> Outlook:
    """What would come of that manifest. `durations` are the seconds that a task takes, by its id (of a repeated one:
    an element of it), given or measured before."""
    ideal = _Ideal(_unhurried(manifest), durations)
    waves, ended = ideal.carried_out()
    unknown = tuple(task.id for task in manifest.tasks if task.id not in durations)
    path = _path(manifest, durations if not unknown else {})
    cost, uncosted = _at_most(manifest, ideal.rows, "budget_usd", manifest.budget_usd)
    tokens, unbounded = _at_most(manifest, ideal.rows, "budget_tokens", manifest.budget_tokens)
    return Outlook(
        waves=waves,
        at_once=ideal.most,
        widest=_widest(manifest, durations),
        path=path,
        path_s=None if unknown else sum(durations[key] for key in path),
        wall_s=None if unknown else ended,
        unknown_times=unknown,
        cost_usd=cost,
        unknown_costs=uncosted,
        tokens=None if tokens is None else int(tokens),
        unknown_tokens=unbounded,
        uncounted=tuple(task.id for task in manifest.tasks if _is_uncounted(task)),
    )


def _is_uncounted(task: Task) -> bool:
    return task.for_each is not None and task.for_each.lines_of is not None


def _unhurried(manifest: Manifest) -> Manifest:
    """Without what ends things early: times are what is expected here, not what is allowed."""
    tasks = [replace(task, join=replace(task.join, timeout_s=None)) if task.join else task for task in manifest.tasks]
    return replace(manifest, tasks=tasks, timeout_s=None, budget_usd=None, budget_tokens=None)


def _widest(manifest: Manifest, durations: Mapping[str, float]) -> int:
    free = _unhurried(manifest)
    tasks = [replace(task, parallel=True, locks=()) for task in free.tasks]
    ideal = _Ideal(replace(free, tasks=tasks, max_parallel=None), durations)
    ideal.carried_out()
    return ideal.most


class _Ideal:
    """The world in which every task takes its time and succeeds. One of unknown time takes what others do."""

    def __init__(self, manifest: Manifest, durations: Mapping[str, float]) -> None:
        self.run = Run("", manifest.name, manifest, "running", 0)
        self.known, self.usual = durations, statistics.median(durations.values()) if durations else 60.0
        self.order = order.of(manifest)
        self.rows: Sequence[TaskRow] = apply.first(manifest)
        self.ends: dict[str, int] = {}
        self.most = 0
        self._sure_until: int | None = None

    def carried_out(self) -> tuple[list[Wave], float]:
        """Those that begin together, and when it is over, in seconds."""
        waves, now = [], 0
        seen: dict[str, Seen] = {}
        while True:
            step = planner.step(Facts(self.run, self.rows, seen, now), self.order)
            if not step.actions:
                now = min(self.ends.values())
            self.rows = apply.after(self.rows, [(action, "") for action in step.actions], now)
            begun = [action.key for action in step.actions if isinstance(action, Begin)]
            if begun:
                waves.append(Wave(self._moment(now), tuple(begun)))
            for action in step.actions:
                if isinstance(action, Finish):
                    return waves, now / NS
                if isinstance(action, Settle):
                    self.ends.pop(action.key, None)
                if isinstance(action, Check):
                    self.ends[action.key] = now
            self._begin(begun, now)
            # Something, so that a task repeated for its lines has one element.
            seen = {key: Seen("answered", "…") for key, end in self.ends.items() if end <= now}

    def _moment(self, now: int) -> float | None:
        return now / NS if self._sure_until is None or now <= self._sure_until else None

    def _begin(self, keys: Sequence[str], now: int) -> None:
        table = {row.key: row for row in self.rows} if keys else {}
        for key in keys:
            seconds = self.known.get(table[key].task.id)
            if seconds is None and self._sure_until is None:
                self._sure_until = now
            self.ends[key] = now + round((self.usual if seconds is None else seconds) * NS)
        self.most = max(self.most, len(self.ends))


def _path(manifest: Manifest, durations: Mapping[str, float]) -> list[str]:
    before = {task.id: [*task.depends_on, *(task.join.of if task.join else ())] for task in manifest.tasks}
    return paths.longest(before, durations or dict.fromkeys(before, 1.0))


def _at_most(
    manifest: Manifest, rows: Sequence[TaskRow], field: str, whole: float | None
) -> tuple[float | None, Sequence[str]]:
    """A program costs nothing that we count. What is known of the whole bounds what is not known of the tasks."""
    counts: dict[str, int] = {}
    for row in rows:
        if not row.group:
            counts[row.task.id] = counts.get(row.task.id, 0) + 1
    spenders = [task for task in manifest.tasks if task.kind != "command"]
    unknown = tuple(task.id for task in spenders if getattr(task, field) is None or _is_uncounted(task))
    if unknown:
        return whole, unknown
    known = total([getattr(task, field) * counts.get(task.id, 0) for task in spenders])
    return min((value for value in (known, whole) if value is not None), default=None), ()
