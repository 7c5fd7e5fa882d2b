"""What is told of a run when it is over: its results, and how quick it was."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runs.written import S, Written
from tmuxagents.model.manifest import ForEach, Join, Manifest, Task
from tmuxagents.model.run import Run, Seen, Span, TaskRow
from tmuxagents.runs import paths, planner, report, results, spans
from tmuxagents.runs.report import HeldBack
from tmuxagents.value import replace


def over(seconds: float = 10) -> Run:
    return Run("id", "run-1", Manifest("m", ()), "done", 0, round(seconds * S))


def row(task: Task, began: float, ended: float | None, **more: Any) -> TaskRow:
    state = "begun" if ended is None else "done"
    last = None if ended is None else round(ended * S)
    usual: dict[str, Any] = {"state": state, "attempt": 1, "begun_ns": round(began * S), "ended_ns": last}
    return TaskRow(more.pop("key", task.id), task, **usual | more)


def test_the_speed_up_is_the_sum_of_the_times_beside_the_whole() -> None:
    rows = [row(Task("a"), 0, 8), row(Task("b"), 0, 7), row(Task("c", depends_on=("b",)), 7, 10)]

    speed = report.speed(over(10), rows, [], 99 * S)

    assert (speed.wall_s, speed.tasks_s, speed.speed_up) == (10, 18, 1.8)
    assert (speed.path, speed.path_s) == (["b", "c"], 10)


def test_what_a_task_waited_is_not_counted_as_its_work() -> None:
    rows = [row(Task("a"), 0, 10)]
    waits = [Span("a", "queue", 0, 2 * S), Span("a", "needs-you", 1 * S, 4 * S), Span("a", "limited", 8 * S)]

    speed = report.speed(over(10), rows, waits, 10 * S)

    assert (speed.tasks_s, speed.path_s) == (4, 4)


def test_what_held_the_run_back_is_told_the_most_first_and_what_was_at_once_counted_once() -> None:
    spans = [
        Span("a", "limit", 0, 3 * S),
        Span("b", "limit", 1 * S, 4 * S),
        Span("c", "locks", 0, 1 * S),
        Span("d", "needs-you", 2 * S, None),
    ]

    speed = report.speed(over(10), [], spans, 10 * S)

    assert speed.held == [
        HeldBack("needs-you", 8, 8, 1),
        HeldBack("limit", 4, 6, 2),
        HeldBack("locks", 1, 1, 1),
    ]


def test_the_longest_path_leads_through_the_slowest_element_and_those_that_a_join_waited_for() -> None:
    lint = Task("lint", for_each=ForEach(("x", "y")))
    join = Task("join", join=Join(("a", "late"), 1, late="keep"), depends_on=("lint",))
    rows = [
        row(lint, 0, 3, group=True),
        row(lint, 0, 2, key="lint-1", of="lint"),
        row(lint, 0, 3, key="lint-2", of="lint"),
        row(Task("a"), 0, 1),
        row(Task("late"), 0, 9),
        row(join, 3, 5),
    ]

    speed = report.speed(over(9), rows, [], 9 * S)

    assert (speed.path, speed.path_s) == (["late"], 9)
    assert report.speed(over(9), [each for each in rows if each.key != "late"], [], 0).path == ["lint-2", "join"]


def test_earlier_attempts_are_work_and_the_time_in_which_it_was_over_is_none() -> None:
    run = replace(over(100), options={report.RESTED: {"ns": 90 * S}})
    rows = [row(Task("a"), 96, 100, tried=1, worked_s=6.0), TaskRow("b", Task("b"), "skipped", tried=1, worked_s=2.0)]

    speed = report.speed(run, rows, [], 100 * S)

    assert (speed.wall_s, speed.tasks_s, speed.speed_up) == (10, 12, 1.2)
    assert [one["attempts"] for one in results.table(rows, {}, 0)] == [2, 1]


def test_a_run_of_no_tasks_has_a_speed_too() -> None:
    speed = report.speed(over(0), [], [], 0)

    assert (speed.speed_up, speed.path, speed.tasks_s) == (None, [], 0)


def test_a_chain_of_ten_thousand_is_no_deeper_than_others() -> None:
    before = {str(at): [str(at - 1)] if at else [] for at in range(10_000)}

    assert len(paths.longest(before, dict.fromkeys(before, 1.0))) == 10_000


@given(st.lists(st.tuples(st.lists(st.integers(0, 7)), st.integers(0, 5)), max_size=8))
def test_no_chain_weighs_more_than_the_longest(tasks: list[tuple[list[int], int]]) -> None:
    before = {str(at): [str(each) for each in waits if each < at] for at, (waits, _) in enumerate(tasks)}
    weights = {str(at): float(weight) for at, (_, weight) in enumerate(tasks)}

    path = paths.longest(before, weights)

    most = max((_heaviest(key, before, weights) for key in before), default=0)
    assert sum(weights[key] for key in path) == most
    assert all(first in before[second] for first, second in itertools.pairwise(path))


def _heaviest(key: str, before: dict[str, list[str]], weights: dict[str, float]) -> float:
    return weights[key] + max((_heaviest(name, before, weights) for name in before[key]), default=0)


def test_results_are_a_row_for_each_task_however_it_ended() -> None:
    rows = [
        row(Task("a"), 1, 3, agent_id="id-a", answer="yes", cost_usd=0.5, tokens=7),
        row(Task("b"), 2, None, agent_id="gone", attempt=2),
        TaskRow("c", Task("c"), "skipped", error="it needs 'b', which failed"),
    ]

    table = results.table(rows, {"id-a": "run-1-a"}, 5 * S)

    assert table[0] == {
        "key": "a",
        "state": "done",
        "agent": "run-1-a",
        "answer": "yes",
        "error": None,
        "duration_s": 2,
        "cost_usd": 0.5,
        "tokens": 7,
        "attempts": 1,
        "of": None,
        "item": None,
        "waits": None,
    }
    assert [(each["agent"], each["duration_s"], each["cost_usd"], each["attempts"]) for each in table[1:]] == [
        (None, 3, None, 2),
        (None, None, None, 0),
    ]
    assert json.loads(json.dumps(table)) == table


@pytest.mark.parametrize(("costs", "told"), [((0.5, 0.25), 0.75), ((0.5, None), None)])
def test_a_repeated_task_cost_what_its_elements_did_and_unknown_where_one_is(
    costs: tuple[float | None, ...], told: float | None
) -> None:
    lint = Task("lint", for_each=ForEach(("x", "y")))
    elements = [
        row(lint, 0, 1, key=f"lint-{at}", of="lint", item=("x",), cost_usd=cost) for at, cost in enumerate(costs)
    ]

    table = results.table([row(lint, 0, 1, group=True, attempt=0), *elements], {}, 0)

    assert table[0]["cost_usd"] == told
    assert table[0]["attempts"] == 2
    assert table[1]["item"] == ["x"]


def test_a_wait_is_recorded_when_it_begins_and_when_it_is_over_and_not_between() -> None:
    run = Written(Task("a"), Task("b"), max_parallel=1)
    run.run()
    waiting: dict[str, Span] = {}
    recorded = []
    queued, starts = Seen("queued", waits_for="queue"), Seen("queued")
    for now, seen in ((0, starts), (1, queued), (2, queued), (3, Seen("needs-you")), (4, Seen("runs"))):
        run.now = now
        run.see(a=seen)
        for span in spans.moved(waiting, run.facts(), planner.step(run.facts())):
            recorded.append(span)
            waiting[span.key] = span
        waiting = {key: span for key, span in waiting.items() if span.to_ns is None}

    assert recorded == [
        Span("b", "limit", 0),
        Span("a", "queue", 1),
        Span("a", "queue", 1, 3),
        Span("a", "needs-you", 3),
        Span("a", "needs-you", 3, 4),
    ]
