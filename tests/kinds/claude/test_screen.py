"""Screens of the real claude."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kinds.test_tui import COLOURS
from tests.support import golden
from tmuxagents.kinds import claude
from tmuxagents.model.condition import Dialog

screens = st.sampled_from(golden.SCREENS)
sittings = pytest.mark.parametrize(
    "sitting", sorted({path.parent for path in golden.SCREENS}), ids=lambda folder: folder.parent.name
)


@sittings
def test_a_screen_is_read_as_what_it_shows(sitting: Path) -> None:
    screens = sorted(sitting.glob("*.ansi"))

    read = {path.stem: golden.reading(claude.KIND.read_screen(golden.rows(path))) for path in screens}

    assert read == {path.stem: golden.expected(path) for path in screens}


@sittings
def test_tmux_lets_enter_through_to_an_input_box_alone(sitting: Path) -> None:
    for path in sorted(sitting.glob("*.ansi")):
        _lets_enter_through_to_a_box_alone(path)


def _lets_enter_through_to_a_box_alone(path: Path) -> None:
    # As tmux has it: without attributes, the blank behind an empty box's mark still there.
    whole = "\n".join(re.sub(r"\x1b\[[0-9;:]*m", "", row) for row in golden.rows(path))
    lets = re.search(claude.KIND.BOX, whole, re.MULTILINE) and not re.search(claude.KIND.FOOTER, whole, re.MULTILINE)

    if golden.expected(path)["draft"] is None:
        assert not lets
    elif not golden.expected(path)["draft"].startswith("!"):
        assert re.search(claude.KIND.BOX, whole, re.MULTILINE)


places = st.tuples(st.integers(0, 39), st.integers(0, 119), st.sampled_from(COLOURS))


@given(path=screens, at=st.lists(places, max_size=12))
def test_colours_do_not_change_what_a_screen_is(path: Path, at: list[tuple[int, int, str]]) -> None:
    rows = golden.rows(path)
    for row, column, colour in at:
        if row < len(rows):
            rows[row] = _with(rows[row], column, colour)

    seen, plainly = claude.KIND.read_screen(rows), claude.KIND.read_screen(golden.rows(path))

    # A wrapped label is told from a description by its colour, so its words may be fewer.
    assert (seen.draft, seen.notice) == (plainly.draft, plainly.notice)
    assert _kind_of(seen.dialog) == _kind_of(plainly.dialog)


@given(path=screens, above=st.integers(0, 30), below=st.integers(0, 5))
def test_a_taller_screen_says_the_same(path: Path, above: int, below: int) -> None:
    rows = golden.rows(path)
    plainly = claude.KIND.read_screen(rows)
    # A dialog that is cut begins in the first row of the screen.
    above = 0 if plainly.dialog is not None and plainly.dialog.cut else above

    taller = claude.KIND.read_screen([*[""] * above, *rows, *[""] * below])

    assert (taller.dialog, taller.draft) == (plainly.dialog, plainly.draft)


def _kind_of(dialog: Dialog | None) -> object:
    return dialog and (dialog.form, dialog.preselected, len(dialog.choices), dialog.ticks, dialog.submit, dialog.what)


def _with(row: str, column: int, colour: str) -> str:
    """The row with a colour in front of its character number `column`, never inside an escape sequence."""
    pieces = re.findall(r"\x1b\[[0-9;:]*m|.", row)
    column = min(column, len(pieces))
    return "".join([*pieces[:column], colour, *pieces[column:]])
