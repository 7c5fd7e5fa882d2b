"""Texts beside each other where there is room, else one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tmuxagents.output.rendering import hang
from tmuxagents.output.widths import padded

LEAST = 38
"""Cells of a column in which prose can be read: two of them stand on a terminal of 80."""

BETWEEN = " | "


def laid(texts: Sequence[str], width: int | None) -> list[str]:
    """The texts, each wrapped in its own column; None is a reader without a width, who gets one after the other."""
    count = 1 if width is None else min(len(texts), (width + len(BETWEEN)) // (LEAST + len(BETWEEN)))
    if count < 2 or width is None:
        return _below(texts, width)
    cells = (width + len(BETWEEN)) // count - len(BETWEEN)
    columns = [hang("", text, cells) for text in texts]
    bands = [_band(columns[at : at + count], cells) for at in range(0, len(columns), count)]
    return [row for number, band in enumerate(bands) for row in (*([""] if number else []), *band)]


def _below(texts: Sequence[str], width: int | None) -> list[str]:
    return [row for number, text in enumerate(texts) for row in (*([""] if number else []), *hang("", text, width))]


def _band(columns: Sequence[Sequence[str]], cells: int) -> Iterator[str]:
    for rows in zip_longest(*columns, fillvalue=""):
        yield BETWEEN.join(padded(row, cells) for row in rows).rstrip()
