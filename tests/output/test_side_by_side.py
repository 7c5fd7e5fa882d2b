"""Texts stand beside each other where there is room, and no row is ever too wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output.side_by_side import laid
from tmuxagents.output.widths import width_of

THREE = ["## a\n\none", "## b", "## c\n\nthree " + "x" * 30]


def test_two_stand_on_a_terminal_of_80() -> None:
    assert laid(THREE, 80) == [
        f"{'## a':38} | ## b",
        f"{'':38} |",
        f"{'one':38} |",
        "",
        "## c",
        "",
        f"three {'x' * 30}",
    ]


@pytest.mark.parametrize("width", [None, 40])
def test_elsewhere_one_stands_below_the_other(width: int | None) -> None:
    rows = laid(THREE, width)

    assert [row for row in rows if row.startswith("##")] == ["## a", "## b", "## c"]
    assert not any("|" in row for row in rows)


@given(st.lists(st.text(max_size=200), max_size=6), st.integers(20, 200))
def test_no_row_is_wider_than_the_terminal(texts: list[str], width: int) -> None:
    assert all(width_of(row) <= width and "\n" not in row for row in laid(texts, width))
