"""Where the cursor stands after tmux has wrapped anew what was drawn, and which terminal does that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.chat import reflow

rows = st.lists(st.lists(st.sampled_from([1, 1, 1, 2]), max_size=40), min_size=1, max_size=5)


def pieces(row: list[int], columns: int) -> list[int]:
    """The cells of each piece of a row."""
    found = [0]
    for cells in row:
        if found[-1] + cells > columns:
            found.append(0)
        found[-1] += cells
    return found


@given(rows, st.integers(2, 50), st.data())
def test_above_the_cursor_stand_the_pieces_of_the_rows_before_and_of_its_own(
    drawn: list[list[int]], columns: int, data: st.DataObject
) -> None:
    y = data.draw(st.integers(0, len(drawn) - 1))
    x = data.draw(st.integers(0, sum(drawn[y]) + 3))

    above = reflow.rows_above(drawn, x, y, columns)

    before = sum(len(pieces(row, columns)) for row in drawn[:y])
    own = pieces(drawn[y], columns)
    wanted = next((at for at in range(len(own)) if x < sum(own[: at + 1])), len(own) - 1)
    assert above == before + wanted


@given(rows, st.integers(0, 4), st.integers(0, 90))
def test_rows_that_fit_are_as_they_were(drawn: list[list[int]], y: int, x: int) -> None:
    assert reflow.rows_above(drawn, x, y, 100) == y


@pytest.mark.parametrize(
    ("env", "wraps"),
    [
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x,1,0"}, True),
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "xterm-256color", "TMUX": "/tmp/x,1,0"}, False),
        ({}, False),
    ],
)
def test_only_of_a_tmux_it_is_known(env: dict[str, str], wraps: bool) -> None:
    assert reflow.wraps_anew(env) is wraps
