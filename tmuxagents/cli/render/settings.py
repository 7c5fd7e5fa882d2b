"""Every setting with its value and where that comes from, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output import rendering
from tmuxagents.output.keyed import keyed
from tmuxagents.output.widths import cut, padded, width_of

Row = tuple[str, str, str]
"""The key, the value as it is shown, and the source."""

_BESIDE = "  "
_WIDEST = 40
"""Cells of a value that stands between its key and its source."""
_LEAST = 16


def lined(rows: Sequence[Row], width: int | None) -> list[str]:
    """The rows lined up. At a terminal no value is cut: it is wrapped under its beginning, and where it has no room
    beside its source, that stands under it."""
    keys, values, sources = (max(width_of(row[at]) for row in rows) for at in range(3))
    if width is None:
        beside = min(values, _WIDEST)
        return [_row(padded(key, keys), padded(cut(value, _WIDEST), beside), source) for key, value, source in rows]
    room = min(values, _WIDEST, width - keys - sources - 2 * len(_BESIDE))
    lay = _beside if room >= min(values, _LEAST) else _under
    return [told for row in rows for told in lay(row, keys, room, width)]


def _row(*cells: str) -> str:
    return _BESIDE.join(cells).rstrip()


def _beside(row: Row, keys: int, room: int, width: int) -> list[str]:
    key, value, source = row
    first, *rest = rendering.hang("", value, room)
    return [_row(padded(key, keys), padded(first, room), source), *(_row(" " * keys, each) for each in rest)]


def _under(row: Row, keys: int, room: int, width: int) -> list[str]:
    key, value, source = row
    start, both = padded(key, keys) + _BESIDE, _row(value, source)
    if width_of(start + both) <= width:
        return [start + both]
    told = keyed(start, value, width)
    behind = " " * len(start) if told[0] != start.rstrip() else "  "
    return [*told, *rendering.hang(behind, source, width)]
