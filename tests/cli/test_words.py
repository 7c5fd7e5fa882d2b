"""Where options end and a text begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fleet import Fleet
from tmuxagents.cli.words import split

VALUED = frozenset({"--file", "--timeout"})

words = st.lists(st.one_of(st.sampled_from(["--", "-", "--json", "--file", "-x", "--when-idel"]), st.text(max_size=4)))
first = st.text(min_size=1, max_size=5).filter(lambda word: not word.startswith("-"))
options = st.lists(st.sampled_from([["--json"], ["--wait"], ["--timeout", "5"], ["--timeout=5"], ["--file", "-x"]]))


@given(before=options, between=options, start=first, rest=words)
def test_from_its_first_word_on_everything_is_text(
    before: list[list[str]], between: list[list[str]], start: str, rest: list[str]
) -> None:
    flat = [[word for option in group for word in option] for group in (before, between)]

    head, text = split([*flat[0], "api", *flat[1], start, *rest], VALUED)

    assert head == [*flat[0], "api", *flat[1]]
    assert text == [start, *rest]


@given(between=options, rest=words)
def test_two_dashes_in_front_of_the_text_end_the_options_and_are_no_part_of_it(
    between: list[list[str]], rest: list[str]
) -> None:
    flat = [word for option in between for word in option]

    assert split(["api", *flat, "--", *rest], VALUED) == (["api", *flat], rest)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("a", "--", "b"), "a -- b"),
        (("use", "the", "--json", "flag"), "use the --json flag"),
        (("--", "--when-idle", "is", "--", "an option"), "--when-idle is -- an option"),
        (("--interrupt", "then"), "then"),
        (("ends", "with", "--help"), "ends with --help"),
    ],
)
def test_the_words_arrive_as_they_were_given(fleet: Fleet, args: tuple[str, ...], text: str) -> None:
    fleet.ok("spawn", "--kind", "demo", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")

    ran = fleet.ok("say", "agent-1", *args)

    assert ran.out.startswith("submitted: agent-1")
    assert [entry["text"] for entry in fleet.entries("--only", "prompt")] == [text]


@pytest.mark.parametrize("verb", ["say", "deny"])
def test_a_misspelt_option_is_a_usage_error_that_names_the_nearest(fleet: Fleet, verb: str) -> None:
    ran = fleet(verb, "agent-1", "--jsn", "hello")

    assert ran.code == 2
    assert "--jsn" in ran.err
    assert "--json" in ran.err


@pytest.mark.parametrize("text", ["\u200b", "\u2060\ufeff", " \u00ad\n", "\u3164", "\ufe0f\u200d", "\U000e0041"])
def test_a_text_of_nothing_that_can_be_seen_is_refused(fleet: Fleet, text: str) -> None:
    ran = fleet("say", "agent-1", text)

    assert ran.code == 2
    assert "nothing to say" in ran.err
