"""The little Markdown that is shown: marks go, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output import hues
from tmuxagents.output.highlight import highlight, words
from tmuxagents.output.markdown import paint, read

TEXTS = st.text(st.sampled_from("ab `*#-+_\n é界") | st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)
SGR = re.compile(r"\x1b\[[0-9;]*m")
CODE = f"\x1b[{hues.QUOTES}m"


def shown(text: str) -> list[str]:
    return [paint([line.text], line)[0] for line in read(text)]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("plain", "plain"),
        ("## Plan", "\x1b[1mPlan\x1b[0m"),
        ("#tag and # no", "#tag and # no"),
        ("a **b c** d", "a \x1b[1mb c\x1b[0m d"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("see `a*b*`", f"see {CODE}a*b*\x1b[0m"),
        ("  * item", "  • item"),
        ("__init__.py and *.rs", "__init__.py and *.rs"),
        ("**run `x`**", f"\x1b[1mrun \x1b[0m{CODE}x\x1b[0m"),
        ("- [ ] todo", "• [ ] todo"),
        ("---", "---"),
    ],
)
def test_a_mark_is_what_it_means(text: str, row: str) -> None:
    assert shown(text) == [row]


def test_within_a_fence_nothing_is_a_mark() -> None:
    assert shown("```sh\n# **x**\n```\n**y**") == ["```sh", f"{CODE}# **x**\x1b[0m", "```", "\x1b[1my\x1b[0m"]


@given(TEXTS)
def test_no_character_is_lost_but_marks(text: str) -> None:
    lines = [line.text for line in read(text)]

    for before, after in zip(text.split("\n"), lines, strict=True):
        left = list(before)
        for character in after.replace("•", "-", 1) if "•" not in before else after:
            while left and left[0] != character and left[0] in "*`#-+ ":
                left.pop(0)
            if left and left[0] in "*+" and character == "-":
                left[0] = "-"
            assert left
            assert left.pop(0) == character
        assert set(left) <= set("*`# ")


@given(TEXTS)
def test_what_is_painted_is_the_same_text(text: str) -> None:
    assert [SGR.sub("", row) for row in shown(text)] == [line.text for line in read(text)]


@given(TEXTS, st.sampled_from(["a", "b ", "é", ".", "a*"]))
def test_what_is_highlighted_is_the_same_row(text: str, pattern: str) -> None:
    for row in shown(text):
        lit = highlight(row, re.compile(pattern))
        assert SGR.sub("", lit) == SGR.sub("", row)
        assert lit.count("\x1b[27m") <= lit.count("\x1b[7m")


def test_a_match_is_in_reverse_across_colours() -> None:
    assert highlight("ab\x1b[1mcd\x1b[0me", re.compile("bc")) == "a\x1b[7mb\x1b[1m\x1b[7mc\x1b[27md\x1b[0me"


@pytest.mark.parametrize(
    ("search", "found"), [("auth tok", ["Auth", "tok"]), ('"two words" x', ["two words"]), ("a.b", []), ("", [])]
)
def test_the_words_of_a_search_are_found_as_it_finds_them(search: str, found: list[str]) -> None:
    pattern = words(search)

    assert (pattern.findall("Auth tokens; two words; retok") if pattern else []) == found
