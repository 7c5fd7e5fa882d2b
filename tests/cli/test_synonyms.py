"""The words of other tools do what they say there, and a slip of the keyboard leads to nothing that ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots
from tmuxagents.cli.main import VERBS
from tmuxagents.cli.synonyms import SYNONYMS, likely, verb_of

ENDING = {"stop", "rm", "interrupt", "kill", "down"}


@pytest.fixture(scope="module")
def team(roots: Roots) -> Iterator[Fleet]:
    """One that is idle, and one that has ended."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            made.ok("spawn", "--kind", "demo", "--name", "api", "say: hello", "--", "--speed", "0")
            made.ok("spawn", "--kind", "demo", "--name", "over", "die: 0", "--", "--speed", "0")
            made.wait_for("api", lambda a: a["turns"] == 1)
            made.wait_state("over", "ended")
            yield made
        finally:
            made.end()


@pytest.mark.parametrize("word", ["ps", "list", "status"])
def test_ps_list_and_status_are_ls(team: Fleet, word: str) -> None:
    assert team.ok(word, "-q").out == team.ok("ls", "-q").out


@pytest.mark.parametrize("word", ["logs", "log"])
def test_logs_is_tail(team: Fleet, word: str) -> None:
    assert team.ok(word, "--no-follow", "api").out == team.ok("tail", "--no-follow", "api").out


def test_what_is_listed_and_followed_anyway_may_be_asked_for(team: Fleet) -> None:
    assert team.ok("ls", "-a", "-q").out == team.ok("ls", "-q").out
    assert team.ok("tail", "-f", "--no-follow", "api").out == team.ok("tail", "--no-follow", "api").out


@pytest.mark.parametrize("word", ["send", "tell"])
def test_send_and_tell_are_say(team: Fleet, word: str) -> None:
    team.ok(word, "api", "use", "--json", word)

    assert team.entries("--only", "prompt")[-1]["text"] == f"use --json {word}"


@pytest.mark.parametrize("word", ["new", "start"])
@pytest.mark.parametrize("end", ["kill", "down"])
def test_new_and_start_are_spawn_and_kill_and_down_are_stop(team: Fleet, word: str, end: str) -> None:
    name = f"{word}-{end}"
    team.ok(word, "--kind", "demo", "--name", name, "--", "--speed", "0")
    team.wait_state(name, "idle")

    assert team.ok(end, name).out.startswith(f"stopped {name}")


def test_start_with_an_agents_name_points_to_resume_and_starts_nothing(team: Fleet) -> None:
    before = team.agents()

    ran = team("start", "over")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("hint: tmuxagents resume over\n")
    assert [agent["name"] for agent in team.agents()] == [agent["name"] for agent in before]


def test_what_is_said_of_a_synonym_names_the_verb(team: Fleet) -> None:
    assert team("ps", "--nope").err.endswith("hint: tmuxagents ls --help\n")
    assert team.ok("help", "logs").out == team.ok("help", "tail").out


@pytest.mark.parametrize(
    "slip", ["rj", "r", "rmm", "mrege", "prne", "sotp", "stp", "stopp", "kil", "killl", "dwn", "interrup"]
)
def test_a_slip_is_not_answered_with_what_ends_something(team: Fleet, slip: str) -> None:
    ran = team(slip, "api")

    assert (ran.code, ran.out) == (2, "")
    assert "did you mean" not in ran.err


@given(st.one_of(st.text("abcdeiklmnoprstwy", max_size=9), st.sampled_from(sorted({*VERBS, *SYNONYMS}))))
def test_nothing_that_ends_is_ever_likely(word: str) -> None:
    assert likely(word, VERBS) not in ENDING


def test_every_synonym_is_of_a_verb_and_none_hides_one() -> None:
    assert {verb_of(word) for word in SYNONYMS} <= set(VERBS)
    assert not set(SYNONYMS) & set(VERBS)
