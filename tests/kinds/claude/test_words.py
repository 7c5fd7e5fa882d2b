"""What Claude Code's input box makes of a text; the real ones are in `tests/live_claude/test_words.py`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds.claude.screen import read_screen
from tmuxagents.kinds.claude.words import as_prompt, command_of
from tmuxagents.kinds.prompts import digest, is_blank, shown

RULE = "─" * 40
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/clear", "/clear"),
        (" /clear", "/clear"),
        ("\n/clear now", "/clear"),
        ("/mine\nrows", "/mine"),
        ("/", "/"),
        ("/grp:inner x", "/grp:inner"),
        ("/über", "/über"),
        ("/a/b", None),
        ("/clear/", None),
        ("//", None),
        ("then /clear", None),
        ("", None),
    ],
)
def test_a_first_word_with_one_slash_is_a_command(text: str, command: str | None) -> None:
    assert command_of(text) == command


@given(texts)
def test_what_is_typed_is_the_text_but_for_white_space_at_its_ends(text: str) -> None:
    assert as_prompt(text).strip() == text.strip()
    assert digest(as_prompt(text)) == digest(text)


@given(texts)
def test_no_backslash_and_no_word_that_a_menu_completes_stands_at_the_end(text: str) -> None:
    assert as_prompt(text).endswith(" ") or command_of(text) == as_prompt(text)


# As drawn at 120 and at 40 columns; a long name is cut off at its start.
NEWEST = ["  ❯ /usage (cost)               Show session cost", "    /context                    Show what fills it"]
OLDEST = ["/usage (cost)                 Show session cost", "/context                      Visualize it"]
NARROW = [
    "  ❯ /mine           do mine (user)",
    "    …erminal-setup  Set up Shift+Enter",
    "                    for /newlines",
]


@pytest.mark.parametrize(
    ("below", "menu"),
    [
        (NEWEST, (("/usage", "/cost"), ("/context",))),
        (OLDEST, (("/usage", "/cost"), ("/context",))),
        (NARROW, (("/mine",), ("…erminal-setup",))),
        (['  No commands match "/zzz"'], ()),
        (['No commands match "/zzz"'], ()),
        (["  ⏵⏵ auto mode on (shift+tab to cycle)"], None),
        (["  ? for shortcuts                ● high · /effort"], None),
        (["/srv:greet (MCP)              greets (arguments: who)"], (("/mcp__srv__greet",),)),
        ([], None),
    ],
)
def test_the_menu_under_the_box_is_read(below: list[str], menu: object) -> None:
    reading = read_screen(["● said before", RULE, "❯\xa0/co", RULE, *below])

    assert reading.menu == menu
    assert reading.draft == "/co"


@given(texts.filter(lambda text: not is_blank(text)), st.integers(5, 60))
def test_a_box_that_holds_the_text_in_rows_of_any_width_shows_it(text: str, width: int) -> None:
    rows = [text[at : at + width] for at in range(0, len(text), width)]

    assert shown("\n".join(rows), text) == "whole"


@given(texts, st.text(st.sampled_from("abcxyz"), min_size=1))
def test_a_box_that_holds_more_than_the_text_does_not_show_it(text: str, more: str) -> None:
    assert shown(f"{more}{text}", text) == ""
    assert shown(f"{text}{more}", text) == ""


@pytest.mark.parametrize("draft", ["[Image #1]", "[Image #2]look at", "", "/clear", "lo"])
def test_what_a_program_made_of_the_text_is_not_the_text(draft: str) -> None:
    assert shown(draft, "look at /tmp/a.png") in ("", "part")
    assert (shown(draft, "look at /tmp/a.png") == "part") == (draft == "lo")
