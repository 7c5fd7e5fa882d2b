"""What a run does next, case by case. What holds of every run is in test_planner_properties."""

from __future__ import annotations

import pytest

from tests.runs.written import S, Written, answered, begun, failed, runs
from tmuxagents.model.manifest import ForEach, Join, Task
from tmuxagents.model.run import Again, Begin, Check, End, Expand, Finish, Seen, Settle
from tmuxagents.runs import apply, planner


def test_a_task_begins_when_all_that_it_depends_on_is_done() -> None:
    run = Written(Task("a"), Task("b"), Task("c", depends_on=("a", "b")))

    assert begun(run.run()) == ["a", "b"]
    assert begun(run.see(a=answered()).run()) == []
    assert begun(run.see(b=answered()).run()) == ["c"]


def test_what_waits_for_a_task_that_failed_is_skipped_at_once_and_says_so() -> None:
    run = Written(Task("a"), Task("c", depends_on=("b", "slow")), Task("b", depends_on=("a",)), Task("slow"))
    run.run()

    run.see(a=failed("exit code 3")).run()

    assert run.states() == {"a": "failed", "b": "skipped", "c": "skipped", "slow": "begun"}
    assert run.row("b").error == "it needs 'a', which failed"
    assert run.row("c").error == "it needs 'b', which was skipped"


def test_an_answer_is_recorded_with_what_it_cost_then_its_agent_is_ended() -> None:
    run = Written(Task("a"))
    run.run()
    run.see(a=answered("yes", cost_usd=0.5, tokens=7))

    actions = run.go()

    settle = Settle("a", "done", "yes", None, 1, 0.5, 7)
    assert actions == (settle, End("a", "its answer is recorded"))
    assert run.next() == (End("a", "its answer is recorded"),), "until it is over"
    assert run.see(a=Seen("over")).next() == (Finish("done"),)


def test_an_agent_that_is_kept_is_not_ended_unless_its_turn_has_to_be() -> None:
    run = Written(Task("a", keep=True), Task("b", keep=True, timeout_s=1))
    run.run()
    run.now = 5 * S

    actions = run.see(a=answered(), b=runs()).next()

    assert [action.key for action in actions if isinstance(action, End)] == ["b"]


def test_a_check_decides_and_its_output_goes_back_to_the_agent() -> None:
    run = Written(Task("a", check="make test", retries=1))
    run.run()

    assert run.see(a=answered("mended")).go() == (Check("a", "mended", 1),)
    assert run.see(a=failed("2 failed")).go() == (Again("a", "its check failed: 2 failed", 2),)
    assert run.see(a=answered("mended now")).go() == (Check("a", "mended now", 2),)
    assert run.see(a=answered("")).go()[0] == Settle("a", "done", "mended now", None, 2)


def test_a_failed_attempt_is_tried_again_as_often_as_its_retries_say() -> None:
    run = Written(Task("a", retries=2), Task("b", depends_on=("a",)))
    run.run()
    run.see(a=failed("no"))

    assert run.go() == (Again("a", "no", 2),)
    assert run.go() == (Again("a", "no", 3),)
    assert run.go()[0] == Settle("a", "failed", None, "no", 3)


def test_a_program_that_cannot_go_on_gets_a_new_agent() -> None:
    run = Written(Task("a", kind="command", retries=1), Task("b", retries=1))
    run.run()

    actions = run.see(a=failed("1"), b=failed("2", resumes=False)).next()

    assert actions == (Begin("a", 2, "1"), Begin("b", 2, "2"))


def test_the_time_limit_counts_from_the_start_of_the_program_not_from_the_queue() -> None:
    run = Written(Task("a", timeout_s=10))
    run.run()
    run.now = 100 * S

    assert run.see(a=Seen("queued")).next() == ()
    assert run.see(a=runs(95 * S)).next() == ()
    assert planner.step(run.facts()).wake_ns == 105 * S
    run.now = 105 * S
    assert run.next() == (
        Settle("a", "timed-out", None, "it ran longer than 10s", 1),
        End("a", "it ran longer than 10s"),
    )


def test_each_attempt_has_the_time_limit_to_itself() -> None:
    run = Written(Task("a", timeout_s=10, retries=1))
    run.run()
    run.now = 10 * S

    assert run.see(a=runs(0)).go() == (Again("a", "it ran longer than 10s", 2),)
    assert planner.step(run.facts()).wake_ns == 20 * S


def test_waiting_for_a_limit_to_be_reset_is_no_fault_of_the_task() -> None:
    run = Written(Task("a", timeout_s=10))
    run.run()
    run.now = 1000 * S

    assert run.see(a=Seen("limited", started_ns=0)).next() == ()
    assert run.see(a=runs(0, waited_ns=995 * S)).next() == ()
    assert planner.step(run.facts()).wake_ns == 1005 * S


def test_an_agent_that_somebody_stopped_settles_its_task() -> None:
    run = Written(Task("a", retries=3), Task("b", depends_on=("a",)))
    run.run()

    run.see(a=Seen("over")).run()

    assert run.states() == {"a": "stopped", "b": "skipped"}
    assert run.row("a").error == "its agent was stopped"


def test_no_more_than_max_parallel_are_begun_and_who_is_held_back_is_said() -> None:
    run = Written(Task("a"), Task("b"), Task("c"), max_parallel=2)

    step = planner.step(run.facts())

    assert begun(step.actions) == ["a", "b"]
    assert step.held == {"c": "limit"}


@pytest.mark.parametrize("now", ["limited", "needs-you", "queued"])
def test_whoever_waits_for_something_keeps_its_place(now: str) -> None:
    run = Written(Task("a"), Task("b"), max_parallel=1)
    run.run()

    assert run.see(a=Seen(now)).next() == ()  # type: ignore[arg-type]


def test_a_task_over_its_time_keeps_its_place_until_its_agent_is_over() -> None:
    run = Written(Task("a", timeout_s=1, locks=("db",)), Task("b", locks=("db",)), max_parallel=1)
    run.run()
    run.now = 2 * S
    run.see(a=runs()).go()

    assert begun(run.next()) == []
    assert begun(run.see(a=Seen("over")).next()) == ["b"]


def test_one_that_runs_alone_waits_for_those_before_it_and_holds_back_those_behind_it() -> None:
    run = Written(Task("a"), Task("alone", parallel=False), Task("c"))

    step = planner.step(run.facts())
    assert begun(step.actions) == ["a"]
    assert step.held == {"alone": "alone", "c": "alone"}
    run.run()
    assert begun(run.see(a=answered()).run()) == ["alone"]
    assert begun(run.see(alone=answered()).run()) == ["c"]


def test_locks_that_one_waits_for_are_promised_to_it() -> None:
    run = Written(
        Task("a", locks=("db",)), Task("both", locks=("db", "port")), Task("c", locks=("port",)), Task("free")
    )

    step = planner.step(run.facts())

    assert begun(step.actions) == ["a", "free"]
    assert step.held == {"both": "locks", "c": "locks"}


def test_a_lock_that_somebody_else_holds_holds_back_nobody_but_those_who_want_it() -> None:
    run = Written(Task("a", locks=("db", "port"), parallel=False), Task("b", locks=("port",)))
    run.locks = frozenset({"db"})

    assert begun(run.run()) == ["b"]


def test_a_join_begins_when_enough_have_succeeded_and_stops_the_rest() -> None:
    run = Written(Task("a"), Task("b"), Task("c"), Task("join", join=Join(("a", "b", "c"), 2)))
    run.run()

    actions = run.see(a=answered(), c=answered(), b=runs()).go()

    assert Settle("b", "stopped", None, "'join' did not wait for it", 1) in actions
    assert End("b", "'join' did not wait for it") in actions
    assert begun(actions) == ["join"]
    assert run.see(a=Seen("over"), b=Seen("over"), c=Seen("over"), join=answered()).run()[-1] == Finish("done")


def test_a_join_that_keeps_the_late_ones_lets_them_finish() -> None:
    run = Written(Task("a"), Task("b"), Task("join", join=Join(("a", "b"), 1, late="keep")))
    run.run()

    run.see(a=answered(), b=runs()).run()
    assert run.states() == {"a": "done", "b": "begun", "join": "begun"}
    run.see(join=answered()).run()
    assert run.next() == ()
    assert run.see(b=answered()).run()[-1] == Finish("done")


def test_one_that_somebody_else_waits_for_is_not_stopped_by_a_join() -> None:
    run = Written(Task("a"), Task("b"), Task("join", join=Join(("a", "b"), 1)), Task("d", depends_on=("b",)))
    run.run()

    run.see(a=answered(), b=runs()).run()

    assert run.states()["b"] == "begun"


def test_a_join_that_cannot_be_met_any_more_fails_at_once_and_cancels_nothing() -> None:
    run = Written(Task("a"), Task("b"), Task("c"), Task("join", join=Join(("a", "b", "c"), 2)))
    run.run()

    run.see(a=failed("exit code 1"), b=Seen("over"), c=runs()).run()

    assert run.states() == {"a": "failed", "b": "stopped", "c": "begun", "join": "failed"}
    assert run.row("join").error == (
        "it needs 2 of 3, and only 1 can succeed: a failed (exit code 1), b was stopped (its agent was stopped)"
    )


def test_a_join_says_so_when_all_failed() -> None:
    run = Written(Task("a"), Task("b"), Task("join", join=Join(("a", "b"), 1)))
    run.run()

    run.see(a=failed("x"), b=failed("y")).run()

    assert run.row("join").error == "all 2 that it waits for failed: a failed (x), b failed (y)"


def test_one_that_waits_for_the_whole_begins_when_all_are_over_and_enough_have_succeeded() -> None:
    run = Written(Task("a"), Task("b"), Task("c"), Task("join", join=Join(("a", "b", "c"), 1, whole=True)))
    run.run()

    run.see(a=answered(), b=failed(), c=runs()).run()
    assert run.states() == {"a": "done", "b": "failed", "c": "begun", "join": "waiting"}

    assert begun(run.see(a=Seen("over"), b=Seen("over"), c=answered()).run()) == ["join"]


def test_one_that_waits_for_the_whole_waits_no_longer_than_its_time() -> None:
    run = Written(Task("a"), Task("b"), Task("join", join=Join(("a", "b"), 1, 60, whole=True)))
    run.run()
    run.see(a=answered(), b=runs()).run()
    assert run.states() == {"a": "done", "b": "begun", "join": "waiting"}
    run.now = 60 * S

    assert begun(run.run()) == ["join"]
    assert run.states() == {"a": "done", "b": "stopped", "join": "begun"}


def test_the_time_of_a_join_counts_from_when_the_first_of_them_began() -> None:
    run = Written(
        Task("first"), Task("a", depends_on=("first",)), Task("b"), Task("join", join=Join(("a", "b"), 2, 60))
    )
    run.now = 5 * S
    run.run()
    assert planner.step(run.facts()).wake_ns == 65 * S
    run.now = 65 * S

    run.see(b=answered(), first=runs()).run()

    assert run.states() == {"first": "begun", "a": "stopped", "b": "done", "join": "failed"}
    assert run.row("join").error == "after 1m 1 of the 2 that it needs had succeeded; a had not"


def test_a_repeated_task_has_an_element_for_each_and_answers_with_all_of_them() -> None:
    run = Written(Task("lint", for_each=ForEach(("x.py", "y.py"))), Task("sum", depends_on=("lint",)))

    assert run.go() == (Expand("lint", ("x.py", "y.py")),)
    assert begun(run.go()) == ["lint-1", "lint-2"]
    assert begun(run.see(lint_1=answered("good\n"), lint_2=answered("bad")).run()) == ["sum"]
    assert run.row("lint").answer == "## lint-1: x.py\n\ngood\n\n## lint-2: y.py\n\nbad"


def test_a_repeated_task_fails_when_all_its_elements_are_over_and_names_those_that_failed() -> None:
    run = Written(Task("lint", for_each=ForEach(("x", "y", "z"))), Task("sum", depends_on=("lint",)))
    run.run()

    run.see(lint_2=failed("bad")).run()
    assert run.states()["lint"] == "waiting"
    run.see(lint_1=answered("good"), lint_3=answered()).run()

    assert run.row("lint").error == "1 of 3 did not succeed: lint-2 failed (bad)"
    assert run.row("lint").answer == "## lint-1: x\n\ngood\n\n## lint-3: z\n\nfine"
    assert run.states()["sum"] == "skipped"


def test_a_task_is_repeated_for_the_lines_of_an_answer_that_say_something() -> None:
    run = Written(Task("a"), Task("b", depends_on=("a",), for_each=ForEach(lines_of="a", chunk=2)))
    run.run()

    actions = run.see(a=answered("one\n\n  two \nthree\n")).next()

    assert Expand("b", (("one", "two"), ("three",))) in actions


def test_files_are_looked_for_when_what_makes_them_is_done() -> None:
    run = Written(Task("a"), Task("b", depends_on=("a",), for_each=ForEach(glob="*.txt")))

    assert not any(isinstance(action, Expand) for action in run.go())
    assert Expand("b", ()) in run.see(a=answered()).next()


def test_the_lines_of_a_repeated_task_are_those_of_its_elements_without_headings() -> None:
    run = Written(Task("a", for_each=ForEach(("x", "y"))), Task("b", depends_on=("a",), for_each=ForEach(lines_of="a")))
    run.run()

    actions = run.see(a_1=answered("one"), a_2=answered("two")).next()

    assert Expand("b", ("one", "two")) in actions


def test_a_matrix_is_every_combination_in_the_order_in_which_it_is_written() -> None:
    run = Written(Task("a", for_each=ForEach(matrix={"os": ("linux", "mac"), "py": ("3.11", "3.13")}, chunk=9)))

    (expand,) = run.next()

    assert isinstance(expand, Expand)
    assert [tuple(item.values()) for item in expand.items] == [
        ("linux", "3.11"),
        ("linux", "3.13"),
        ("mac", "3.11"),
        ("mac", "3.13"),
    ]


def test_a_task_repeated_for_nothing_is_done_with_an_empty_answer() -> None:
    run = Written(Task("a", for_each=ForEach(())), Task("b", depends_on=("a",)))

    assert begun(run.run()) == ["b"]
    assert (run.row("a").state, run.row("a").answer) == ("done", "")


def test_the_elements_of_a_task_that_is_skipped_are_skipped_too() -> None:
    run = Written(Task("a"), Task("b", depends_on=("a",), for_each=ForEach(("x", "y"))))
    run.run()

    run.see(a=failed()).run()

    assert run.states() == {"a": "failed", "b": "skipped", "b-1": "skipped", "b-2": "skipped"}


def test_elements_stand_in_the_order_of_their_numbers() -> None:
    run = Written(Task("a", for_each=ForEach(tuple("abcdefghijkl"))), max_parallel=1)
    run.run()
    run.rows = tuple(sorted(run.rows, key=lambda row: row.key))

    assert begun(run.see(a_1=answered()).run()) == ["a-2"]


def test_a_paused_run_begins_nothing_and_what_failed_waits_for_its_turn() -> None:
    run = Written(Task("a", retries=1), Task("b"), Task("c", check="true"), max_parallel=2)
    run.run()
    run.state = "paused"

    assert run.see(a=failed(), b=answered()).run()[0] == Settle("b", "done", "fine", None, 1)
    assert planner.step(run.facts()).held == {"c": "paused"}
    run.state = "running"
    assert run.next() == (Again("a", "broke", 2), Begin("c", 1))


def test_time_is_over_in_a_paused_run_too() -> None:
    run = Written(Task("a", retries=1, timeout_s=1))
    run.run()
    run.state, run.now = "paused", 2 * S

    run.see(a=runs()).go()

    assert run.row("a").error == "it ran longer than 1s, while the run was paused"


def test_a_run_that_is_being_stopped_ends_everything_and_keeps_what_was_answered() -> None:
    run = Written(
        Task("a"), Task("b"), Task("c", depends_on=("b",)), Task("d", for_each=ForEach(("x",)), depends_on=("b",))
    )
    run.run()
    run.state = "stopping"

    actions = run.see(a=answered("yes"), b=runs()).go()

    assert run.states() == {"a": "done", "b": "stopped", "c": "stopped", "d": "stopped", "d-1": "stopped"}
    assert [action.key for action in actions if isinstance(action, End)] == ["a", "b"]
    assert run.see(a=Seen("over"), b=Seen("over")).next() == (Finish("stopped"),)


def test_a_run_that_is_stopped_when_everything_has_succeeded_is_done() -> None:
    run = Written(Task("a"))
    run.run()
    run.state = "stopping"

    run.see(a=answered("yes")).go()

    assert run.see(a=Seen("over")).next() == (Finish("done"),)


def test_what_a_join_does_not_wait_for_is_not_tried_again_or_checked_in_the_same_step() -> None:
    run = Written(Task("a"), Task("b", retries=1), Task("c", check="true"), Task("join", join=Join(("a", "b", "c"), 1)))
    run.run()

    actions = run.see(a=answered(), b=failed(), c=answered()).next()

    assert [type(action) for action in actions if action.key in "bc"] == [Settle, Settle, End, End]  # type: ignore[union-attr]


def test_a_run_whose_time_is_over_ends_everything() -> None:
    run = Written(Task("a"), Task("b", depends_on=("a",)), timeout_s=60)
    run.run()
    assert planner.step(run.facts()).wake_ns == 60 * S
    run.now = 60 * S

    actions = run.see(a=runs()).go()

    assert run.states() == {"a": "timed-out", "b": "skipped"}
    assert run.row("b").error == "the run's time limit of 1m was over before it began"
    assert actions[-1] == End("a", "the run's time limit of 1m was over")
    assert run.see(a=Seen("over")).next() == (Finish("failed"),)


def test_a_retry_gives_the_run_its_time_anew() -> None:
    run = Written(Task("a"), timeout_s=60)
    run.run()
    run.now = 60 * S
    run.see(a=runs()).go()
    run.seen.clear()

    run.rows, run.retried_ns = apply.retried(run.rows), run.now

    assert run.go() == (Begin("a", 1),)
    assert planner.step(run.facts()).wake_ns == 120 * S


def test_a_task_that_has_spent_its_budget_is_not_tried_again_and_says_by_how_much() -> None:
    run = Written(Task("a", retries=5, budget_usd=0.05))
    run.run()

    run.see(a=failed("no", cost_usd=0.04)).go()
    assert run.row("a").attempt == 2
    run.see(a=failed("no", cost_usd=0.0612)).go()

    assert run.row("a").error == "no; it is not tried again: its budget is spent: $0.0612 of $0.05, passed by $0.0112"


def test_nothing_begins_once_the_run_has_spent_its_budget() -> None:
    run = Written(Task("a"), Task("b"), Task("c", depends_on=("b",)), max_parallel=1, budget_tokens=100)
    run.run()

    run.see(a=answered(tokens=140)).run()

    assert run.states() == {"a": "done", "b": "failed", "c": "skipped"}
    assert run.row("b").error == ("it was not begun: the run's budget is spent: 140 of 100 tokens, passed by 40 tokens")


def test_a_cost_that_is_unknown_is_told_as_unknown() -> None:
    run = Written(Task("a"), Task("b"), Task("c"), max_parallel=2, budget_usd=1)
    run.run()

    run.see(a=answered(), b=answered(cost_usd=1.0)).run()

    assert run.row("c").error == (
        "it was not begun: the run's budget is spent: $1.00 of $1.00 (and what 1 task cost is unknown)"
    )


def test_a_run_ends_as_failed_when_one_task_did_not_succeed_though_its_join_did() -> None:
    run = Written(Task("a"), Task("b"), Task("join", join=Join(("a", "b"), 1)))
    run.run()
    run.see(a=failed()).run()
    run.see(b=answered()).run()

    assert run.see(join=answered()).run()[-1] == Finish("failed")


def test_a_run_that_is_over_does_nothing() -> None:
    run = Written(Task("a"), state="stopped")

    assert run.next() == ()


def test_a_task_that_is_added_to_a_run_is_taken_in() -> None:
    run = Written(Task("a"))
    run.run()

    run.manifest = Written(Task("a"), Task("b"), Task("c", depends_on=("a",))).manifest
    run.rows = apply.first(run.manifest, run.rows)

    assert begun(run.run()) == ["b"]
