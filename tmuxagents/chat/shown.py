"""Rows that are drawn around the line: pieces of text, each with the role that it plays, fitted to so many cells."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output import hues
from tmuxagents.output.safe_text import clean
from tmuxagents.output.widths import cut, width_of

Piece = tuple[str, str]
"""A role (`""`, `dim`, `call`, `fail`, `name:3`) and a text without control characters."""

Row = Sequence[Piece]


def text_of(row: Row) -> str:
    """The row without its colours."""
    return "".join(text for _, text in row)


def fitted(row: Row, columns: int) -> list[Piece]:
    """The row in at most that many cells."""
    left, found = columns, list[Piece]()
    for role, text in row:
        kept = cut(text, left) if left > 0 else ""
        if kept:
            found.append((role, kept))
        left -= width_of(kept)
        if kept != text:
            break
    return found


def painted(row: Row, *, color: bool) -> str:
    """The row as it is written into the stream."""
    if not color:
        return text_of(row)
    return "".join(f"\x1b[{_sgr(role)}m{text}\x1b[0m" if role else text for role, text in row)


def _sgr(role: str) -> str:
    if role.startswith("name:"):
        return hues.name(int(role[5:]))
    return {"dim": hues.FADES, "call": hues.CALLS, "fail": hues.FAILS}[role]


def plain(text: str) -> str:
    """A text for one row: nothing that a terminal obeys, no line break."""
    return " ".join(clean(text).split())


class Signs:
    """The few signs that are no letters, and what stands for them on a terminal without Unicode."""

    def __init__(self, *, unicode: bool) -> None:
        self.unicode = unicode

    def safe(self, text: str) -> str:
        """The text with what this terminal cannot show replaced."""
        if self.unicode or text.isascii():
            return text
        swapped = text.translate(_ASCII)
        return swapped.encode("ascii", "replace").decode("ascii")


_ASCII = str.maketrans(
    {"…": "~", "·": "|", "↳": ">", "≠": "!", "•": "*", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'"}
)
