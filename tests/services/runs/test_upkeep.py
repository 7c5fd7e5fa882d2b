"""Which agents of a run a step has stopped, interrupted and started again."""

from __future__ import annotations

from tests.services.runs.recorded import AT_WORK, LOST_AT_WORK, Recorded, begun, told


def test_one_that_has_answered_is_stopped_and_not_started_again(one: Recorded) -> None:
    agent = one.agent(state="lost", turn=1, turns=1, ended="done")
    one.run(begun(agent))

    stepped = one.step()

    assert one.rows()["a"].state == "done"
    assert stepped.revive == []


def test_what_a_person_stops_is_stopped_although_it_was_to_be_told_something(one: Recorded) -> None:
    agent = one.agent(phase="stopped", state="ended", turn=1, turns=1, ended="failed")
    one.run(begun(agent, attempt=2, told=told(one, agent), task={"retries": 3}))

    stepped = one.step()

    assert stepped.revive == []
    assert one.rows()["a"].state == "stopped"


def test_what_a_person_stops_is_stopped_although_it_was_lost(one: Recorded) -> None:
    one.run(begun(one.agent(phase="stopped", **LOST_AT_WORK)))

    stepped = one.step()

    assert stepped.revive == []
    assert one.rows()["a"].state == "stopped"


def test_a_turn_that_took_too_long_is_interrupted_where_it_is_tried_again(one: Recorded) -> None:
    agent = one.agent(**AT_WORK)
    one.run(begun(agent, task={"retries": 1, "timeout_s": 1.0}))
    one.step()

    assert [each.id for each in one.step().interrupt] == [agent]
    # A turn that somebody else has begun since is not ours to end.
    one.set(agent, state="working", turn=2, turns=1)
    assert one.step().interrupt == []


def test_the_agent_of_an_earlier_attempt_and_its_check_are_stopped(one: Recorded) -> None:
    old, check, new = one.agent(**AT_WORK), one.agent(kind="command", state="working"), one.agent(**AT_WORK)
    one.run(begun(new, attempt=2, earlier=(old, check)))

    assert {each.id for each in one.step().stop} == {old, check}


def test_what_a_person_asks_of_one_that_has_answered_is_not_cut_off(one: Recorded) -> None:
    agent = one.agent(state="working", turn=2, turns=1, ended="done")
    one.run(begun(agent, state="done", ended_ns=2, answer="an answer"))

    assert one.step().stop == []
    for turns in (1, 2):
        # Also where the end of that turn was never told: the run would not come to its own.
        one.set(agent, state="idle", turn=2, turns=turns, ended="done")
        assert [each.id for each in one.step().stop] == [agent]


def test_one_that_is_kept_is_stopped_all_the_same_when_its_time_is_over(one: Recorded) -> None:
    agent = one.agent(**AT_WORK)
    one.run(begun(agent, task={"keep": True, "timeout_s": 1.0}))

    assert [each.id for each in one.step().stop] == [agent]
