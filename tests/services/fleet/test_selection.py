"""Which agents a command means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.fleet.test_listing_order import agent
from tmuxagents.errors import AgentNotFound
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import State
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services.fleet.selection import Narrowing, Place, choose, find, is_here
from tmuxagents.value import replace

TEAM = [agent(number, "idle") for number in range(1, 7)]
NUMBERS = st.sets(st.sampled_from(range(6)))
PATTERNS = st.lists(
    st.sampled_from(["all", "agent-*", "agent-[1-3]", "agent-1", "agent-5", "agent-2,agent-6"]), min_size=1, max_size=3
)


def ids(chosen: Sequence[Agent]) -> set[str]:
    return {one.id for one in chosen}


@given(fit=NUMBERS, near=NUMBERS, patterns=PATTERNS)
def test_all_and_globs_mean_those_that_fit_and_are_here_and_a_whole_name_always_its_agent(
    fit: set[int], near: set[int], patterns: list[str]
) -> None:
    fits, here = {TEAM[n].id for n in fit}, {TEAM[n].id for n in near}
    whole = {part for pattern in patterns for part in pattern.split(",") if part in ids(TEAM)}

    choice = choose(TEAM, patterns, lambda one: one.id in fits, lambda one: one.id in here)

    assert ids(choice.chosen) <= (fits & here) | whole
    assert whole <= ids(choice.chosen)
    assert ids(choice.elsewhere) <= fits - here
    assert not ids(choice.chosen) & ids(choice.elsewhere)


@given(fit=NUMBERS, near=NUMBERS, patterns=PATTERNS)
def test_everywhere_means_those_here_and_those_that_were_left_out(
    fit: set[int], near: set[int], patterns: list[str]
) -> None:
    fits, here = {TEAM[n].id for n in fit}, {TEAM[n].id for n in near}

    narrow = choose(TEAM, patterns, lambda one: one.id in fits, lambda one: one.id in here)
    wide = choose(TEAM, patterns, lambda one: one.id in fits, None)

    assert ids(wide.chosen) == ids(narrow.chosen) | ids(narrow.elsewhere)
    assert not wide.elsewhere


def test_where_one_stands_is_not_asked_for_a_name_that_is_given_whole() -> None:
    def never(one: Agent) -> bool:
        raise AssertionError("a folder was looked at")

    assert ids(choose(TEAM, ["agent-1,agent-2"], lambda _: True, never).chosen) == {"agent-1", "agent-2"}


@given(removed=NUMBERS, living=NUMBERS, asked=st.lists(st.sampled_from(range(6)), min_size=1, max_size=3))
def test_to_a_reader_a_name_means_who_has_it_then_who_had_it_last(
    removed: set[int], living: set[int], asked: list[int]
) -> None:
    known = [TEAM[n] for n in sorted(living)]
    gone = {TEAM[n].name: replace(TEAM[n], id=AgentId(f"old-{n}")) for n in removed}
    wanted = [TEAM[n].id if n in living else f"old-{n}" for n in asked if n in living | removed]

    try:
        found = find(known, [TEAM[n].name for n in asked], lambda name: gone.get(AgentName(name)))
    except AgentNotFound:
        assert not set(asked) <= living | removed
        return

    assert [one.id for one in found] == list(dict.fromkeys(wanted))


@pytest.mark.parametrize(
    ("here", "other", "belongs"),
    [
        (Place("/src/app", "/src/app/.git"), Place("/src/app/docs", "/src/app/.git"), True),
        (Place("/src/app/docs", "/src/app/.git"), Place("/elsewhere/tree", "/src/app/.git"), True),
        (Place("/src/app", "/src/app/.git"), Place("/src/app/vendored", "/src/app/vendored/.git"), False),
        (Place("/src/app", "/src/app/.git"), Place("/src/app2", None), False),
        (Place("/src", None), Place("/src/app", "/src/app/.git"), True),
        (Place("/src", None), Place("/src", None), True),
        (Place("/src/app", None), Place("/src/app2", None), False),
        (Place("/src/app", None), Place("/src", None), False),
        (Place("/", None), Place("/src", None), True),
    ],
)
def test_a_project_is_a_repository_with_its_worktrees_else_a_folder_and_what_is_below(
    here: Place, other: Place, belongs: bool
) -> None:
    assert is_here(here, other) is belongs


@given(
    states=st.frozensets(st.sampled_from(get_args(State)), max_size=3),
    labels=st.frozensets(st.sampled_from("abc"), max_size=2),
    has=st.frozensets(st.sampled_from("abc")),
    state=st.sampled_from(get_args(State)),
    here=st.sampled_from([None, True, False]),
)
def test_what_reads_is_narrowed_to_the_states_all_of_the_labels_and_here(
    states: frozenset[State], labels: frozenset[str], has: frozenset[str], state: State, here: bool | None
) -> None:
    one = replace(agent(1, state), options={"labels": sorted(has)})

    takes = Narrowing(states, labels, None if here is None else lambda _: bool(here)).takes(one)

    assert takes == ((not states or state in states) and labels <= has and here is not False)
