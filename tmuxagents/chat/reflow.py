"""Where rows stand after a terminal that wraps anew (tmux) has become narrower or wider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def rows_above(rows: Sequence[Sequence[int]], x: int, y: int, columns: int) -> int:
    """How many rows stand above the cursor now, of those that were drawn. `rows` are the cells of the characters of
    each, as far as it was written; the cursor was drawn at `x`, `y`.

    As tmux does it (grid_reflow, grid_wrap_position in 3.3a): each row is cut into pieces, a wide character is not cut,
    and the cursor stays at its character; behind the last one it is at the end of the last piece."""
    written = [*rows, *[()] * (y + 1 - len(rows))]
    pieces = [piece_of(row, None, columns) + 1 for row in written[:y]]
    return sum(pieces) + piece_of(written[y], x, columns)


def piece_of(row: Sequence[int], x: int | None, columns: int) -> int:
    """In which piece of its row that cell is; in the last one where it is behind all of them, or None."""
    piece = at = used = 0
    for cells in row:
        if used + cells > columns:
            piece, used = piece + 1, 0
        at, used = at + cells, used + cells
        if x is not None and x < at:
            break
    return piece


def wraps_anew(env: Mapping[str, str]) -> bool:
    """Whether the terminal is a tmux. Of another one it is not known what it does: there a row is taken for one row, so
    that at worst a piece of the line stays, and nothing of the stream goes."""
    term = env.get("TERM", "")
    return term.startswith("tmux") or (term.startswith("screen") and bool(env.get("TMUX")))
