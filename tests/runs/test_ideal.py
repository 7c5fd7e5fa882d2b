"""A plan is what the planner would do, found with less work."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given

from tests.runs.manifests import manifests, seeds
from tmuxagents.model.manifest import Join, Manifest, Task
from tmuxagents.model.run import Begin, Check, Facts, Run, Seen, Settle
from tmuxagents.runs import apply, outlook, planner
from tmuxagents.runs.gates import NS
from tmuxagents.runs.outlook import Wave

Told = tuple[list[tuple[float, tuple[str, ...]]], float, int]


def stepped(manifest: Manifest, durations: Mapping[str, float]) -> Told:
    """The waves, when it is over and the most at once, by asking the planner itself about everything, again and
    again."""
    run, rows, now, most = Run("", "m", manifest, "running", 0), apply.first(manifest), 0, 0
    waves: list[tuple[float, tuple[str, ...]]] = []
    ends: dict[str, int] = {}
    while True:
        due = {key: Seen("answered", "…") for key, end in ends.items() if end <= now}
        actions = planner.step(Facts(run, rows, due, now)).actions
        rows = apply.after(rows, [(action, "") for action in actions], now)
        if all(row.ended_ns is not None for row in rows):
            return waves, now / NS, most
        for action in actions:
            if isinstance(action, Settle):
                ends.pop(action.key, None)
            if isinstance(action, Check):
                ends[action.key] = now
        begun = [action.key for action in actions if isinstance(action, Begin)]
        ends |= {row.key: now + round(durations[row.task.id] * NS) for row in rows if row.key in begun}
        waves += [(now / NS, tuple(begun))] if begun else []
        most = max(most, len(ends))
        now = now if actions else min(ends.values())


@given(manifests(), seeds)
def test_a_plan_is_what_the_planner_would_do(manifest: Manifest, seed: int) -> None:
    chance = random.Random(seed)
    durations = {task.id: chance.choice([0, 1, 2, 2, 3, 7]) for task in manifest.tasks}

    told = outlook.outlook(manifest, durations)

    waves = [(wave.start_s, tuple(wave.keys)) for wave in told.waves]
    assert (waves, told.wall_s, told.at_once) == stepped(outlook._unhurried(manifest), durations)


def test_what_waits_for_a_task_that_is_there_already_is_told_too() -> None:
    """As where tasks are added to a run."""
    tasks = [Task("new", depends_on=["old"]), Task("sum", join=Join(["old", "new"], 2))]

    told = outlook.outlook(Manifest("m", tasks), {"new": 5, "sum": 1})

    assert told.waves == [Wave(0, ("new",)), Wave(5, ("sum",))]


def chain(count: int) -> Sequence[Task]:
    return [Task(f"t{at}", depends_on=[f"t{at - 1}"] if at else []) for at in range(count)]


def crowd(count: int) -> Sequence[Task]:
    return [*(Task(f"t{at}") for at in range(count)), Task("sum", join=Join([f"t{at}" for at in range(count)], 1))]


def pairs(count: int) -> Sequence[Task]:
    return [Task(f"t{at}", depends_on=[f"t{at - 1}"] if at % 2 else [], check="true") for at in range(count)]


def lines_of(what: Callable[[], object]) -> int:
    """How many lines of the package are gone through."""
    count, before = 0, sys.gettrace()

    def look(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if "tmuxagents" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return look

    sys.settrace(look)
    try:
        what()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", [chain, crowd, pairs])
def test_the_work_of_a_plan_grows_as_its_tasks_do(shape: Callable[[int], Sequence[Task]]) -> None:
    def work(count: int) -> int:
        tasks = shape(count)
        durations = {task.id: 1 + at / 7 for at, task in enumerate(tasks)}
        return lines_of(lambda: outlook.outlook(Manifest("m", tasks, max_parallel=4), durations))

    assert work(200) < 2.5 * work(100)
