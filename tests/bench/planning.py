"""A run of ten thousand tasks: what one step of the planner costs, and what a plan of a thousand does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from tests.bench.rows import Goal, Row, row
from tmuxagents.model.manifest import ForEach, Join, Manifest, Task
from tmuxagents.model.run import Expand, Facts, Run, Seen, TaskRow
from tmuxagents.runs import apply, order, planner
from tmuxagents.runs.outlook import outlook
from tmuxagents.value import replace

COUNT, RUNS = 10_000, 9
_SECOND = 1_000_000_000


def plan() -> list[Row]:
    """A step in the states that a large run goes through, and the outlook of a run."""
    cases = (_beginning, _half_way, _layered, _repeated, _quorum, _all_at_once, _skipped)
    rows = [_step(case.__doc__ or "", case()) for case in cases]
    thousand = Manifest("m", _layers(1000), max_parallel=20)
    times = [_milliseconds(lambda: outlook(thousand, {})) for _ in range(3)]
    return [*rows, row("run --plan: a thousand tasks", times, unit="ms")]


def _step(what: str, facts: Facts) -> Row:
    known = order.of(facts.run.manifest)
    times = [_milliseconds(lambda: planner.step(facts, known)) for _ in range(RUNS)]
    return row(f"planner, {COUNT:,} tasks: {what}", times, unit="ms", goals=[Goal(50)])


def _milliseconds(what: Callable[[], object]) -> float:
    """Of the processor: what else runs on the machine is not measured."""
    began = time.process_time()
    what()
    return (time.process_time() - began) * 1000


def _facts(tasks: Sequence[Task], rows: Sequence[TaskRow], seen: Mapping[str, Seen], most: int | None = 20) -> Facts:
    return Facts(Run("", "run-1", Manifest("m", tasks, max_parallel=most), "running", 0), rows, seen, _SECOND)


def _flat() -> list[Task]:
    return [Task(f"t{at}") for at in range(COUNT)]


def _layers(count: int) -> list[Task]:
    tasks = []
    for at in range(count):
        above = (at // 100 - 1) * 100
        waits = [f"t{above + each * 7 % 100}" for each in range(5)] if above >= 0 else []
        tasks.append(Task(f"t{at}", depends_on=waits, timeout_s=60, locks=(f"lock{at % 50}",)))
    return tasks


def _beginning() -> Facts:
    """the first twenty begin"""
    return _facts(_flat(), apply.first(Manifest("m", _flat())), {})


def _half_way() -> Facts:
    """half are done, twenty answer at once"""
    rows = list(apply.first(Manifest("m", _flat())))
    rows[: COUNT // 2] = [replace(each, state="done", attempt=1) for each in rows[: COUNT // 2]]
    twenty = slice(COUNT // 2, COUNT // 2 + 20)
    rows[twenty] = [replace(each, state="begun", attempt=1, attempt_ns=0) for each in rows[twenty]]
    return _facts(_flat(), rows, {each.key: Seen("answered", "yes") for each in rows[twenty]})


def _layered() -> Facts:
    """a hundred layers, five dependencies and a lock each"""
    return _facts(_layers(COUNT), apply.first(Manifest("m", _layers(COUNT))), {})


def _repeated() -> Facts:
    """the elements of one repeated task"""
    items = tuple(map(str, range(COUNT)))
    tasks = [Task("each", for_each=ForEach(items)), Task("sum", depends_on=("each",))]
    return _facts(tasks, apply.apply(apply.first(Manifest("m", tasks)), Expand("each", items), 0), {})


def _quorum() -> Facts:
    """a join of all has enough and stops a thousand"""
    enough = COUNT - 1000
    tasks = [*_flat(), Task("join", join=Join([f"t{at}" for at in range(COUNT)], enough, 100))]
    rows = list(apply.first(Manifest("m", tasks)))
    rows[:enough] = [replace(each, state="done", begun_ns=0, ended_ns=1) for each in rows[:enough]]
    return _facts(tasks, rows, {})


def _all_at_once() -> Facts:
    """no limit, all begin"""
    return _facts(_flat(), apply.first(Manifest("m", _flat())), {}, None)


def _skipped() -> Facts:
    """a chain of all is skipped"""
    tasks = [Task(f"t{at}", depends_on=(f"t{at - 1}",) if at else ()) for at in range(COUNT)]
    failed, *rest = apply.first(Manifest("m", tasks))
    return _facts(tasks, [replace(failed, state="failed"), *rest], {})
