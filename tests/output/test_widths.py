"""Cells of a terminal: what is padded lines up, what is cut fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output.widths import cut, padded, width_of

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("e\u0301界", 3), ("é", 1), ("宽", 2), ("", 0), ("\u200b", 0)])
def test_wide_characters_take_two_cells_and_marks_none(text: str, cells: int) -> None:
    assert width_of(text) == cells


@given(text=TEXTS, more=st.integers(0, 20))
def test_what_is_padded_lines_up(text: str, more: int) -> None:
    assert width_of(padded(text, width_of(text) + more)) == width_of(text) + more


@given(text=TEXTS, width=st.integers(1, 60))
def test_what_is_cut_fits_and_is_whole_where_it_fits(text: str, width: int) -> None:
    short = cut(text, width)

    assert width_of(short) <= width
    assert (short == text) == (width_of(text) <= width) or short.endswith("…")
