"""Who stands first in the team."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tests.support import made
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Condition, State
from tmuxagents.services.fleet import listing

states = st.sampled_from(get_args(State))


def agent(number: int, state: State) -> Agent:
    began = {"created_ns": number, "started_ns": number}
    return made.agent(f"agent-{number}", condition=Condition(state=state), **began)


@given(st.lists(states), st.randoms(use_true_random=False))
def test_the_order_depends_on_state_and_age_alone(team: list[State], random) -> None:  # type: ignore[no-untyped-def]
    known = [agent(number, state) for number, state in enumerate(team)]
    shuffled = random.sample(known, len(known))

    ordered = listing.in_order(shuffled)

    assert ordered == listing.in_order(known)
    assert sorted(a.created_ns for a in ordered) == list(range(len(team)))
    for state in get_args(State):
        ages = [a.created_ns for a in ordered if a.condition.state == state]
        assert ages == sorted(ages), "the oldest first"


def test_who_waits_for_the_person_stands_first_and_who_has_ended_last() -> None:
    ordered = [a.condition.state for a in listing.in_order([agent(i, s) for i, s in enumerate(get_args(State))])]

    assert ordered[0] == "waiting"
    assert ordered[-1] == "ended"
    assert ordered.index("failed") < ordered.index("working"), "what went wrong is not overlooked"
    assert set(ordered) >= OVER
