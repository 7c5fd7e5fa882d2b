"""Screens with an input box or a dialog, made up; the real ones are in `claude/test_screen.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tmuxagents.kinds import claude, command, demo, dialog_reading, tui
from tmuxagents.model.reading import Reading

RULE = "─" * 40

DIALOG = [RULE, " Do you want to create f.txt?", " ❯ 1. Yes", "   2. No", "", " Esc to cancel · Tab to amend"]

# What capture-pane -e writes that is neither dim nor inverse, although it holds a 2 or a 7.
COLOURS = [
    "\x1b[39m",
    "\x1b[49m",
    "\x1b[1m",
    "\x1b[32m",
    "\x1b[97m",
    "\x1b[38;5;2m",
    "\x1b[48;5;7m",
    "\x1b[38;2;2;2;2m",
    "\x1b[38;2;7;2;7;1m",
    "\x1b[48;2;2;7;2m",
    "\x1b[58;5;2m",
    "\x1b[4m",
    "\x1b[4:3m",
    "\x1b[24m",
]

plain_text = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)

# Rows that look like what the reader looks for, in every wrong place.
parts = st.sampled_from(
    ["❯", "❯ ", "> ", "! ", RULE, "───", " 1. Yes", "2. No", "Esc to cancel", "│", "\x1b[2m", "\x1b[7m"]
)
wild_rows = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.lists(st.one_of(parts, st.sampled_from(COLOURS), st.text(max_size=5)), max_size=6).map("".join),
    ),
    max_size=12,
)


@pytest.mark.parametrize("read", [claude.KIND.read_screen, demo.KIND.read_screen, command.KIND.read_screen])
@given(rows=wild_rows)
def test_no_screen_makes_a_reader_raise(read: Callable[[Sequence[str]], Reading], rows: list[str]) -> None:
    reading = read(rows)

    assert reading.draft is None or reading.dialog is None


@given(above=wild_rows, draft=st.lists(plain_text, min_size=1, max_size=4))
@example(above=[RULE, "❯ an older draft", RULE], draft=["now"])
@example(above=[RULE], draft=["now"])
def test_the_box_is_found_whatever_stands_above(above: list[str], draft: list[str]) -> None:
    box = [f"\x1b[0m{RULE}", f"❯ {draft[0]}", *[f"  {row}" for row in draft[1:]], RULE, "  ⏸ manual mode on"]

    assert tui.box([*above, *box]) == "\n".join(draft)


@given(above=wild_rows)
@example(above=[RULE, "❯ what the agent printed", RULE])
def test_whatever_the_agent_has_printed_above_it_a_dialog_is_a_dialog(above: list[str]) -> None:
    reading = claude.KIND.read_screen([*above, "\x1b[0m", *DIALOG])

    assert reading.draft is None
    assert reading.dialog is not None
    assert reading.dialog.choices == ("Yes", "No")
    assert reading.dialog.preselected == 0


@given(typed=plain_text, ghost=plain_text)
def test_dim_text_is_not_a_draft(typed: str, ghost: str) -> None:
    def box(inside: str) -> str | None:
        return tui.box([RULE, f"❯ {inside}", RULE])

    assert box(f"{typed}\x1b[2m{ghost}\x1b[0m") == typed
    assert box(f"{typed}\x1b[0;2m{ghost}\x1b[22m") == typed
    assert box(f"\x1b[2m{ghost}\x1b[0m") == ""
    assert box(f"\x1b[7m{ghost[0]}\x1b[0;2m{ghost}\x1b[0m") == "", (
        "the cursor stands on the ghost text's first character"
    )


@given(typed=plain_text)
def test_the_cursor_on_a_typed_character_leaves_it_in_the_draft(typed: str) -> None:
    assert tui.box([RULE, f"❯ \x1b[7m{typed[0]}\x1b[0m{typed[1:]}", RULE]) == typed


@given(colours=st.lists(st.sampled_from(COLOURS), max_size=4), at=st.integers(0, 9))
def test_colours_change_nothing(colours: list[str], at: int) -> None:
    typed = "take a look"

    assert tui.box([RULE, f"❯ {typed[:at]}{''.join(colours)}{typed[at:]}", RULE]) == typed


@pytest.mark.parametrize("underline", ["\x1b[4:2m", "\x1b[38:2::1:1:2m", "\x1b[58:2::2:2:2m"])
def test_an_attribute_with_colons_is_one_attribute(underline: str) -> None:
    # tmux 3.3a writes a double underline as ESC[4:2m; its 2 is not "dim".
    assert tui.box([RULE, f"❯ \x1b[0m{underline}kept", RULE]) == "kept"


@given(noise=st.lists(st.sampled_from(COLOURS), max_size=8).map("".join), at=st.integers(0, len(DIALOG)))
def test_a_row_of_nothing_but_colours_is_an_empty_row(noise: str, at: int) -> None:
    rows = [*DIALOG[:at], noise, *DIALOG[at:]]

    assert dialog_reading.read(rows, claude.screen.CLASSIFY) == dialog_reading.read(DIALOG, claude.screen.CLASSIFY)


def test_a_box_that_takes_shell_commands_is_never_empty() -> None:
    # Measured on 2.1.197 and 2.1.330: what is pasted behind the `!` is run by a shell.
    assert tui.box([RULE, "!\xa0", RULE]) == "!"
    assert tui.box([RULE, "!\xa0ls", RULE]) == "!ls"
