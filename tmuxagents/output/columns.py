"""Choose the columns of a listing that fit a terminal, and line them up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tmuxagents.output.widths import cut, padded, width_of

GAP = 2
_LEAST_LAST, _LEAST_CUT, _LEAST_FIRST = 16, 8, 6

Row = Mapping[str, str]


def fitting(columns: Sequence[str], sizes: Mapping[str, int], going: Sequence[str], width: int | None) -> list[str]:
    """The columns that stay. Those in `going` go, the first of them first, until the last column has room. Where that
    is not enough the last one is cut, down to a few letters; then it goes, and the one before it after it."""
    left = list(columns)
    for column in (each for each in going if each in columns):
        if width is None or _taken(left, sizes) <= width:
            break
        left.remove(column)
    while width is not None and len(left) > 2 and _taken(left, sizes, _LEAST_CUT) > width:
        left.pop()
    return left


def _taken(columns: Sequence[str], sizes: Mapping[str, int], least: int = _LEAST_LAST) -> int:
    *fixed, last = columns
    return sum(sizes[column] + GAP for column in fixed) + min(least, sizes[last])


def placed(rows: Sequence[Row], columns: Sequence[str], going: Sequence[str], width: int | None) -> dict[str, int]:
    """The columns that stay, in their order, each with the cells that it gets."""
    wide = sizes(rows, columns)
    chosen = fitting(columns, wide, going, width)
    cells = _shrunk(chosen, wide, width)
    return {column: cells[column] for column in chosen}


def sizes(rows: Sequence[Row], columns: Sequence[str]) -> dict[str, int]:
    """The cells that each column's widest text takes."""
    return {column: max(width_of(row[column]) for row in rows) for column in columns}


def table(
    rows: Sequence[Row],
    columns: Sequence[str],
    *,
    going: Sequence[str],
    width: int | None,
    styles: Sequence[Mapping[str, str]] = (),
) -> list[str]:
    """The rows lined up, none wider than `width`; None is as wide as they are. The first two columns are always
    there, the last one takes what is left. `styles` runs beside the rows: how each paints its columns."""
    wide = sizes(rows, columns)
    chosen = fitting(columns, wide, going, width)
    cells = _shrunk(chosen, wide, width)
    return [_line(row, chosen, cells, styles[at] if styles else {}) for at, row in enumerate(rows)]


def _shrunk(chosen: Sequence[str], wide: Mapping[str, int], width: int | None) -> dict[str, int]:
    """The cells that each chosen column gets: where two alone are too wide, the name gives first."""
    cells = {column: wide[column] for column in chosen}
    if width is None:
        return cells
    first, second, *_ = chosen
    if len(chosen) == 2:
        cells[first] = max(min(_LEAST_FIRST, cells[first]), min(cells[first], width - GAP - cells[second]))
        cells[second] = min(cells[second], width - GAP - cells[first])
        return cells
    *fixed, last = chosen
    cells[last] = width - sum(cells[column] + GAP for column in fixed)
    return cells


def _line(row: Row, chosen: Sequence[str], cells: Mapping[str, int], style: Mapping[str, str]) -> str:
    texts = [cut(row[column], cells[column]) for column in chosen]
    placed = [padded(text, cells[column]) for text, column in zip(texts[:-1], chosen, strict=False)]
    painted = [
        f"\x1b[{style[column]}m{text}\x1b[0m" if column in style else text
        for text, column in zip([*placed, texts[-1]], chosen, strict=True)
    ]
    return (" " * GAP).join(painted).rstrip()


def tails(folders: Collection[str]) -> dict[str, str]:
    """Each folder by as many of its last parts as tell it from the others."""
    parts = {folder: [part for part in folder.split("/") if part] or ["/"] for folder in folders}
    longest = max(map(len, parts.values()), default=0)
    found: dict[str, str] = {}
    for count in range(1, longest + 1):
        short = {folder: "/".join(own[-count:]) for folder, own in parts.items() if folder not in found}
        seen = list(short.values())
        found |= {folder: tail for folder, tail in short.items() if seen.count(tail) == 1 or count == longest}
    return found
