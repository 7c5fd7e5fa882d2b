"""What a set-up means for the condition of an agent, whatever its kind."""

from __future__ import annotations

import pytest

from tmuxagents.kinds import folding, registry, setting_up
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Exit, Hook, Observation, Screen, SetUp
from tmuxagents.model.reading import Reading

WAITS, FIRST, SECOND, DONE = (
    SetUp("waits", "npm  ci\n", 1),
    SetUp("runs", "npm ci", 2),
    SetUp("runs", "make", 3),
    SetUp("done", "", 4),
)
BEGUN = setting_up.begins(Condition(since_ns=1), ["npm ci", "make"])


def fold(kind: str, *seen: Observation, condition: Condition = BEGUN) -> tuple[Condition, list[str]]:
    after, drafts = folding.fold(registry.kind(kind), condition, seen, 100, asked=False)
    return after, [draft.text for draft in drafts]


@pytest.mark.parametrize("kind", ["command", "demo", "claude"])
def test_until_it_is_done_the_agent_is_starting_and_its_reason_is_the_command(kind: str) -> None:
    assert folding.due_in(registry.kind(kind), BEGUN, 100) is None
    for seen, reason in (
        ((), "set-up: npm ci"),
        ((WAITS,), "set-up: npm ci, when others are set up"),
        ((WAITS, FIRST), "set-up: npm ci"),
        ((FIRST, SECOND), "set-up: make"),
        ((FIRST, SECOND, Screen(Reading(draft=""), 3)), "set-up: make"),
    ):
        after, _ = fold(kind, *seen)
        assert (after.state, after.reason) == ("starting", reason)


def test_when_it_is_done_the_kind_goes_on() -> None:
    after, told = fold("command", FIRST, SECOND, DONE)

    assert (after.state, after.set_up, after.reason) == ("working", "", None)
    assert told == ["set-up: npm ci", "set-up: make", "set-up done", "working"]


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        (1, "npm error missing script", "set-up: make: exit 1: npm error missing script"),
        (2, "$ make", "set-up: make: exit 2"),
        (137, "", "set-up: make: killed by SIGKILL"),
    ],
)
def test_one_that_fails_is_the_agents_failure(code: int, said: str, reason: str) -> None:
    after, _ = fold("demo", FIRST, SECOND, Exit(code, code - 128 if code > 128 else None, 5, said=said))

    assert (after.state, after.set_up, after.reason, after.exit_code) == ("failed", "", reason, code)


def test_what_the_program_says_ends_it_whatever_was_lost() -> None:
    after, _ = fold("claude", FIRST, Hook("SessionStart", {"source": "startup"}, 5))

    assert (after.set_up, after.state) == ("", "idle")


def test_what_was_told_of_one_before_says_nothing_later() -> None:
    idle = Condition(state="idle", since_ns=1)

    assert fold("demo", FIRST, DONE, condition=idle) == (idle, [])
