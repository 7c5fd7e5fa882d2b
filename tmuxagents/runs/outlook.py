"""What a run would do, before it does: carried out as the planner would, in a world in which everything succeeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.runs import paths
from tmuxagents.runs.ideal import Ideal
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
    ideal = Ideal(_unhurried(manifest), durations)
    ended = ideal.carried_out()
    unknown = tuple(task.id for task in manifest.tasks if task.id not in durations)
    path = _path(manifest, durations if not unknown else {})
    cost, uncosted = _at_most(manifest, ideal.counts, "budget_usd", manifest.budget_usd)
    tokens, unbounded = _at_most(manifest, ideal.counts, "budget_tokens", manifest.budget_tokens)
    return Outlook(
        waves=[Wave(start_s, keys) for start_s, keys in ideal.waves],
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
    ideal = Ideal(replace(free, tasks=tasks, max_parallel=None), durations)
    ideal.carried_out()
    return ideal.most


def _path(manifest: Manifest, durations: Mapping[str, float]) -> list[str]:
    before = {task.id: [*task.depends_on, *(task.join.of if task.join else ())] for task in manifest.tasks}
    return paths.longest(before, durations or dict.fromkeys(before, 1.0))


def _at_most(
    manifest: Manifest, counts: Mapping[str, int], field: str, whole: float | None
) -> tuple[float | None, Sequence[str]]:
    """A program costs nothing that we count. What is known of the whole bounds what is not known of the tasks."""
    spenders = [task for task in manifest.tasks if task.kind != "command"]
    unknown = tuple(task.id for task in spenders if getattr(task, field) is None or _is_uncounted(task))
    if unknown:
        return whole, unknown
    known = total([getattr(task, field) * counts.get(task.id, 0) for task in spenders])
    return min((value for value in (known, whole) if value is not None), default=None), ()
