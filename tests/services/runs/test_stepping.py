"""What a step of a run records of what befell its agents."""

from __future__ import annotations

from tests.services.runs.recorded import ANSWERED, AT_WORK, RUN, Recorded, begun, told
from tmuxagents import clock
from tmuxagents.model.run import Span
from tmuxagents.store import runs


def test_one_that_cannot_be_started_again_does_not_keep_its_task_waiting(one: Recorded) -> None:
    agent = one.agent(state="failed", turn=1, turns=1, ended="failed")
    one.run(begun(agent, attempt=2, told=told(one, agent)))
    with one.app.db.write() as tx:
        runs.give_up(tx, RUN, "a", "its conversation is gone")

    one.step()

    assert one.rows()["a"].state == "failed"
    assert "its conversation is gone" in (one.rows()["a"].error or "")


def test_another_attempt_may_be_started_again_as_often_as_the_first(one: Recorded) -> None:
    agent = one.agent(state="idle", turn=1, turns=1, ended="failed")
    one.run(begun(agent, revived=5, task={"retries": 1}))

    one.step()

    assert (one.rows()["a"].attempt, one.rows()["a"].revived) == (2, 0)


def test_a_check_that_took_too_long_is_not_forgotten_when_its_task_goes_on(one: Recorded) -> None:
    agent, check = one.agent(**ANSWERED), one.agent(kind="command", state="working", turn=0)
    one.run(begun(agent, state="checking", check_id=check, task={"check": "true", "retries": 1, "timeout_s": 1.0}))

    one.step()

    assert one.rows()["a"].earlier == (check,)
    assert [each.id for each in one.step().stop] == [check]


def test_the_agent_of_a_task_is_told_what_its_check_has_found(one: Recorded) -> None:
    agent, check = one.agent(**ANSWERED), one.agent(kind="command", state="ended", exit_code=1, turn=0)
    one.run(begun(agent, state="checking", check_id=check, task={"check": "false", "retries": 1}))

    one.step()

    assert (one.rows()["a"].state, one.rows()["a"].agent_id, one.rows()["a"].attempt) == ("begun", agent, 2)


def test_the_run_does_not_end_before_every_agent_that_a_task_had(one: Recorded) -> None:
    old = one.agent(**AT_WORK)
    one.run(begun(one.agent(**{**ANSWERED, "state": "ended"}), state="done", ended_ns=2, earlier=(old,)))

    assert [each.id for each in one.step().stop] == [old]
    assert runs.by_id(one.app.db, RUN).state == "running"  # type: ignore[union-attr]


def test_the_time_in_which_a_task_waited_for_a_limit_is_not_counted_against_it(one: Recorded) -> None:
    agents = {key: one.agent(**AT_WORK) for key in ("a", "b")}
    one.run(*(begun(agent, key=key, task={"timeout_s": 60.0}) for key, agent in agents.items()))
    with one.app.db.write() as tx:
        runs.put_spans(tx, RUN, [Span("a", "limited", 1, clock.now_ns()), Span("b", "locks", 1, clock.now_ns())])

    one.step()

    assert {key: row.state for key, row in one.rows().items()} == {"a": "begun", "b": "timed-out"}
