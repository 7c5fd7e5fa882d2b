"""Screens of the real claude."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kinds.test_tui import COLOURS
from tests.support import golden
from tmuxagents.kinds import claude, tui

cases = pytest.mark.parametrize("path", golden.SCREENS, ids=golden.name)


@cases
def test_a_screen_is_read_as_what_it_shows(path: Path) -> None:
    assert golden.reading(claude.read_screen(golden.rows(path))) == golden.expected(path)


@cases
def test_tmux_holds_enter_back_from_every_dialog_and_from_no_box(path: Path) -> None:
    whole = "\n".join(tui.plain(golden.rows(path)))

    assert (re.search(claude.FOOTER, whole) is not None) == (golden.expected(path)["dialog"] is not None)


@cases
@settings(max_examples=8)
@given(at=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 119), st.sampled_from(COLOURS)), max_size=12))
def test_colours_do_not_change_what_a_screen_says(path: Path, at: list[tuple[int, int, str]]) -> None:
    rows = golden.rows(path)
    for row, column, colour in at:
        if row < len(rows):
            rows[row] = _with(rows[row], column, colour)

    assert golden.reading(claude.read_screen(rows)) == golden.reading(claude.read_screen(golden.rows(path)))


@cases
@given(above=st.integers(0, 30), below=st.integers(0, 5))
@settings(max_examples=6)
def test_a_taller_screen_says_the_same(path: Path, above: int, below: int) -> None:
    rows = golden.rows(path)

    assert claude.read_screen([*[""] * above, *rows, *[""] * below]).dialog == claude.read_screen(rows).dialog
    assert claude.read_screen([*[""] * above, *rows, *[""] * below]).draft == claude.read_screen(rows).draft


def _with(row: str, column: int, colour: str) -> str:
    """The row with a colour in front of its character number `column`, never inside an escape sequence."""
    pieces = re.findall(r"\x1b\[[0-9;:]*m|.", row)
    column = min(column, len(pieces))
    return "".join([*pieces[:column], colour, *pieces[column:]])
