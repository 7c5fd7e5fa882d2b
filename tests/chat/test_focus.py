"""Who gets a text without a name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.chat.made import member, roster
from tmuxagents.chat.focus import Focus, moved_by_itself, turned
from tmuxagents.model.condition import State
from tmuxagents.names import AgentId

TEAM = roster(member("a", "idle", 5), member("b", "working", 9), member("c", "idle", 7))
STATES: list[State] = ["idle", "working", "waiting", "ended", "lost"]
teams = st.builds(
    lambda states: roster(*(member(f"n{at}", state, at * 7 % 5) for at, state in enumerate(states))),
    st.lists(st.sampled_from(STATES), max_size=6),
)


def settled(focus: Focus, *, text: str = "", key_s: float | None = None) -> Focus:
    return moved_by_itself(focus, TEAM, text=text, key_s=key_s, now_s=100.0)


def test_it_is_on_who_became_idle_last() -> None:
    assert settled(Focus()).on == "c"


@given(teams, st.text(min_size=1))
def test_it_never_moves_while_there_is_text(team: object, text: str) -> None:
    assert moved_by_itself(Focus(AgentId("n1")), team, text=text, key_s=None, now_s=0.0).on == "n1"  # type: ignore[arg-type]


def test_it_does_not_move_right_after_a_key() -> None:
    assert settled(Focus(AgentId("a")), key_s=99.5).on == "a"
    assert settled(Focus(AgentId("a")), key_s=98.0).on == "c"


def test_it_stays_where_it_was_put_as_long_as_that_one_runs() -> None:
    assert settled(Focus(AgentId("b"), chosen=True)).on == "b"
    assert settled(Focus(AgentId("gone"), chosen=True)).on == "c"


@given(teams)
def test_a_turn_goes_round_those_who_run(team: object) -> None:
    there = [one.id for one in team.there]  # type: ignore[attr-defined]
    focus, seen = Focus(), list[AgentId]()
    for _ in there:
        focus = turned(focus, team, 1)  # type: ignore[arg-type]
        seen.append(focus.on)  # type: ignore[arg-type]

    assert seen == there


def test_back_is_the_other_way() -> None:
    assert turned(Focus(AgentId("a")), TEAM, -1) == Focus(AgentId("c"), chosen=True, name="c")
