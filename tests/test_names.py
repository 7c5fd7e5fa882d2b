"""Names and what a NAME on the command line means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents import names
from tmuxagents.errors import AgentNotFound, NameInvalid

KNOWN = ["agent-1", "agent-2", "agent-10", "api-read", "api-write"]


@given(text=st.text(max_size=80))
def test_what_is_suggested_is_always_a_name(text: str) -> None:
    suggested = names.suggest(text)

    assert names.parse(suggested) == suggested


@given(text=st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True))
def test_a_name_is_its_own_suggestion(text: str) -> None:
    if len(text) <= 40 and text not in ("all", "controller", "you"):
        assert names.suggest(text) == text == names.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "1a",
        "-a",
        "a-",
        "a--b",
        "a b",
        "a.b",
        "a:b",
        "a/b",
        "a\n",
        "é",
        "all",
        "controller",
        "you",
        "a" * 41,
        "a\0",
        "=a",
        "a*",
        "a,b",
    ],
)
def test_what_is_no_name_is_refused_with_one_that_is(text: str) -> None:
    with pytest.raises(NameInvalid) as caught:
        names.parse(text)

    assert caught.value.hint == "tmuxagents spawn --help"
    assert names.parse(caught.value.message.removesuffix("' can").rpartition("'")[2])


def test_a_letter_with_a_mark_is_the_letter_in_the_name_that_is_suggested() -> None:
    assert [names.suggest(text) for text in ("Ünï", "cafe\u0301 7", "日本")] == ["uni", "cafe-7", "agent"]


def test_patterns_are_names_commas_globs_and_all() -> None:
    assert names.select(["agent-2"], KNOWN) == ["agent-2"]
    assert names.select(["agent-2,api-read"], KNOWN) == ["agent-2", "api-read"]
    assert names.select(["api-*"], KNOWN) == ["api-read", "api-write"]
    assert names.select(["agent-?"], KNOWN) == ["agent-1", "agent-2"]
    assert names.select(["all"], KNOWN) == KNOWN


def test_a_name_is_not_a_beginning() -> None:
    assert names.select(["agent-1"], KNOWN) == ["agent-1"]
    assert names.select(["api"], ["api", "api-2"]) == ["api"]


def test_how_one_name_alone_begins_stands_for_it() -> None:
    assert names.select(["api-r"], KNOWN) == ["api-read"]
    assert names.select(["2,api-w"], KNOWN) == ["agent-2", "api-write"]
    assert names.select(["10"], KNOWN, fit=()) == ["agent-10"]


@pytest.mark.parametrize(
    ("short", "meant"), [("agent", "agent-1, agent-2, agent-10"), ("a", ", …"), ("api-", "api-read")]
)
def test_a_beginning_of_several_is_an_error_that_lists_them(short: str, meant: str) -> None:
    with pytest.raises(AgentNotFound, match="could be") as caught:
        names.select([short], [*KNOWN, "app-1", "auth", "arm"])

    assert meant in str(caught.value)


@pytest.mark.parametrize("pattern", ["agent-1", "3", "02", "agent-", "x"])
def test_a_number_is_not_cut_and_means_no_other(pattern: str) -> None:
    with pytest.raises(AgentNotFound):
        names.select([pattern], ["agent-10", "agent-20", "agent-2-old"])


def test_where_names_must_be_whole_a_beginning_is_nobody() -> None:
    for pattern in ("api-r", "2"):
        with pytest.raises(AgentNotFound, match="no agent is named"):
            names.select([pattern], KNOWN, whole=True)
    assert names.select(["api-*,agent-2"], KNOWN, whole=True) == ["api-read", "api-write", "agent-2"]


def test_what_was_the_name_of_one_that_was_removed_stands_for_no_other() -> None:
    with pytest.raises(AgentNotFound, match="'api' was removed") as caught:
        names.select(["api"], ["api-2"], removed=lambda name: name == "api")

    assert caught.value.hint == "tmuxagents show api"


@given(
    known=st.lists(st.from_regex(r"[a-c]{1,3}(-[0-9]{1,2})?", fullmatch=True), unique=True, max_size=6),
    pattern=st.from_regex(r"[a-c0-9-]{0,5}", fullmatch=True),
)
def test_a_beginning_means_one_name_or_none(known: list[str], pattern: str) -> None:
    try:
        chosen = names.select([pattern], known)
    except AgentNotFound:
        assert pattern not in known
        return
    assert len(chosen) == 1
    assert chosen == [pattern] if pattern in known else chosen[0].startswith(pattern)


def test_each_agent_is_chosen_once_in_the_order_of_the_patterns() -> None:
    assert names.select(["agent-2,api-*", "all"], KNOWN) == ["agent-2", "api-read", "api-write", "agent-1", "agent-10"]


@pytest.mark.parametrize("pattern", ["agnet-2", "agent-2,nobody", "x-*", "Agent-1"])
def test_a_pattern_that_matches_nobody_is_an_error(pattern: str) -> None:
    with pytest.raises(AgentNotFound) as caught:
        names.select([pattern], KNOWN)

    assert caught.value.hint == "tmuxagents ls"


def test_letters_that_changed_places_are_nearer_than_one_that_is_missing() -> None:
    assert names.nearest("modle", ["mode", "model"]) == "model"


def test_a_slip_of_the_keyboard_is_told_the_nearest_name() -> None:
    with pytest.raises(AgentNotFound) as caught:
        names.select(["agnet-2"], KNOWN)

    assert caught.value.message.endswith("; did you mean 'agent-2'?")


@pytest.mark.parametrize("patterns", [[""], [","], [",,"]])
def test_a_pattern_of_nothing_is_an_error(patterns: list[str]) -> None:
    with pytest.raises(AgentNotFound):
        names.select(patterns, KNOWN)


def test_all_of_nobody_is_nobody() -> None:
    assert names.select(["all"], []) == []


@given(patterns=st.lists(st.text(alphabet="agentpi-*?[]1,", max_size=10), max_size=4))
def test_only_known_names_are_chosen_each_once(patterns: list[str]) -> None:
    try:
        chosen = names.select(patterns, KNOWN)
    except AgentNotFound:
        return
    assert set(chosen) <= set(KNOWN)
    assert len(chosen) == len(set(chosen))


@given(fit=st.sets(st.sampled_from(KNOWN)), patterns=st.lists(st.sampled_from([*KNOWN, "all", "agent-*", "api-*"])))
def test_of_all_and_globs_those_are_meant_that_fit_and_a_whole_name_always(fit: set[str], patterns: list[str]) -> None:
    chosen = names.select(patterns, KNOWN, fit)

    assert set(chosen) <= fit | set(patterns)
    assert {name for name in patterns if name in KNOWN} <= set(chosen)
    if "all" in patterns:
        assert fit <= set(chosen)
