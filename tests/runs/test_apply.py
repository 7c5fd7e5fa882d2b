"""What an action leaves recorded, once and only once."""

from __future__ import annotations

import pytest

from tmuxagents.model.manifest import ForEach, Manifest, Task
from tmuxagents.model.run import Action, Again, Begin, Check, Expand, Finish, Run, Settle, TaskRow
from tmuxagents.runs import apply
from tmuxagents.value import replace

BEGUN = TaskRow("a", Task("a"), "begun", attempt=1, agent_id="one", begun_ns=1, attempt_ns=1)


@pytest.mark.parametrize(
    "action",
    [Begin("a", 2, "no"), Again("a", "no", 2), Check("a", "yes", 1), Settle("a", "done", "yes", None, 1)],
)
def test_an_action_that_is_done_twice_changes_something_once(action: Action) -> None:
    once = apply.apply([BEGUN], action, 5, "two")

    assert once != (BEGUN,)
    assert apply.apply(once, action, 6, "three") == once


@pytest.mark.parametrize(
    "action", [Begin("a", 1), Again("a", "no", 1), Check("a", "yes", 0), Settle("a", "failed", None, "no", 2)]
)
def test_an_action_about_another_attempt_changes_nothing(action: Action) -> None:
    assert apply.touched({"a": BEGUN}, action, 5, "two") == ()


def test_a_second_attempt_keeps_the_agent_that_goes_on_and_the_moment_of_the_first() -> None:
    (row,) = apply.apply([BEGUN], Again("a", "no", 2), 5)

    assert (row.agent_id, row.begun_ns, row.attempt_ns, row.error) == ("one", 1, 5, "no")


def test_what_was_known_to_be_spent_is_not_forgotten() -> None:
    (row,) = apply.apply([BEGUN], Check("a", "yes", 1, 0.5, 7), 5, "check")
    (row,) = apply.apply([row], Settle("a", "done", "yes", None, 1), 6)

    assert (row.cost_usd, row.tokens, row.check_id, row.agent_id) == (0.5, 7, "check", "one")


def test_a_repeated_task_began_with_the_first_of_its_elements() -> None:
    rows = apply.first(Manifest("m", (Task("a", for_each=ForEach(("x", "y"))),)))
    rows = apply.apply(rows, Expand("a", ("x", "y")), 1)

    rows = apply.after(rows, [(Begin("a-2"), "two"), (Begin("a-1"), "one")], 7)

    assert [(row.key, row.item, row.of, row.begun_ns) for row in rows] == [
        ("a", None, None, 7),
        ("a-1", "x", "a", 7),
        ("a-2", "y", "a", 7),
    ]


def test_a_repeated_task_whose_elements_have_begun_is_not_repeated_again() -> None:
    rows = apply.first(Manifest("m", (Task("a", for_each=ForEach(("x",))),)))
    rows = apply.after(rows, [(Expand("a", ("x",)), None), (Begin("a-1"), "one")], 1)

    assert apply.apply(rows, Expand("a", ("x",)), 2) == rows


def test_a_retry_takes_up_what_did_not_succeed_and_leaves_what_did() -> None:
    done = TaskRow("b", Task("b"), "done", attempt=1, answer="yes")
    failed = TaskRow("a", Task("a"), "failed", attempt=3, error="no", cost_usd=0.5, begun_ns=1, ended_ns=2)

    row, kept = apply.retried([failed, done])
    begun = replace(row, state="failed", attempt=2)
    [again] = apply.retried([begun], {"a": 7.0})

    assert kept == done
    assert ((row.tried, row.worked_s), (again.tried, again.worked_s)) == ((3, 0.0), (5, 7.0))
    assert (row.state, row.attempt, row.cost_usd, row.begun_ns, row.ended_ns) == ("waiting", 0, 0.5, None, None)


def test_a_run_is_over_once() -> None:
    run = Run("id", "run-1", Manifest("m", ()), "running", 0)

    over = apply.finished(run, Finish("failed"), 5)

    assert (over.state, over.ended_ns) == ("failed", 5)
    assert apply.finished(over, Finish("done"), 6) == over
