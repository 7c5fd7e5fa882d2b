"""When agents that limits have stopped go on: after the end, spaced, and the same for whoever plans."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import continuing
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition
from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import replace

SECOND = 10**9
RESETS = st.integers(0, 120).map(lambda seconds: seconds * SECOND)


@given(st.lists(RESETS, max_size=30), st.integers(0, 30))
def test_each_goes_on_behind_its_reset_and_no_two_are_nearer_than_the_spacing(ends: list[int], spacing: int) -> None:
    planned: list[int] = []
    for resets in ends:
        at = continuing.moment(Condition(state="limited", resets_ns=resets), planned, spacing)
        assert at > resets
        assert all(abs(at - other) >= spacing * SECOND for other in planned)
        planned.append(at)


@given(st.permutations(range(8)))
def test_one_limit_of_many_is_spread_without_holes_whoever_is_first(order: list[int]) -> None:
    planned: list[int] = []
    for _ in order:
        planned.append(continuing.moment(Condition(state="limited", resets_ns=0), planned, 3.0))

    assert sorted(planned) == [SECOND + 3 * SECOND * number for number in range(8)]


def test_who_says_that_it_goes_on_by_itself_is_given_time() -> None:
    itself = Condition(state="limited", resets_ns=0, goes_on=True)

    assert continuing.moment(itself, [], 3.0) > 120 * SECOND


def test_what_was_planned_by_less_is_put_off() -> None:
    known = Condition(state="limited", resets_ns=0)
    planned = continuing.moment(known, [], 3.0)

    assert not continuing.is_early(known, planned)
    assert continuing.is_early(Condition(state="limited", resets_ns=0, goes_on=True), planned)
    assert continuing.is_early(Condition(state="limited", resets_ns=60 * SECOND), planned)


def test_a_limit_is_of_an_account_and_of_one_end() -> None:
    one = Condition(state="limited", account="a", resets_ns=100 * SECOND)

    assert continuing.is_same(one, Condition(state="limited", account="a", resets_ns=101 * SECOND))
    assert not continuing.is_same(one, Condition(state="limited", account="b", resets_ns=100 * SECOND))
    assert not continuing.is_same(one, Condition(state="limited", account="a", resets_ns=900 * SECOND))
    assert not continuing.is_same(Condition(state="limited"), Condition(state="limited"))


def test_one_that_a_limit_has_ended_goes_on_unless_it_was_stopped_or_a_run_begins_it_again() -> None:
    ended = Condition(state="failed", resets_ns=5, turn=2)
    agent = Agent(AgentId("a"), AgentName("api"), "claude", "", None, 0, 0, 0, 3, "running", None, ended)

    assert continuing.key(agent) == "continue:3:2"
    assert continuing.key(replace(agent, phase="stopped")) is None
    assert continuing.key(replace(agent, options={"run": {"id": "r"}})) is None
    assert continuing.key(replace(agent, condition=Condition(state="failed", turn=2))) is None
    assert (continuing.text(ended), continuing.text(Condition(state="limited"))) == (continuing.TEXT_ANEW, "continue")
