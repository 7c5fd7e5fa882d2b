"""The roles of pieces of text as prompt_toolkit paints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.styles import Style

from tmuxagents.chat.shown import Piece, Row, Signs
from tmuxagents.output import hues

_LEVELS = (0, 95, 135, 175, 215, 255)


def style(*, color: bool) -> Style:
    """Without colour nothing is painted."""
    if not color:
        return Style([("completion-menu.completion.current", "reverse")])
    return Style(
        [
            ("dim", "#808080"),
            ("call", f"bold {_hex(hues.CALLS)}"),
            ("fail", f"bold {_hex(hues.FAILS)}"),
            *((f"name{at}", f"bold {_hex(str(number))}") for at, number in enumerate(hues.PALETTE)),
            ("completion-menu", "noinherit"),
            ("completion-menu.completion", "noinherit"),
            ("completion-menu.completion.current", "noinherit reverse"),
            ("completion-menu.meta.completion", "noinherit #808080"),
            ("completion-menu.meta.completion.current", "noinherit reverse"),
        ]
    )


def fragments(rows: Sequence[Row], signs: Signs) -> StyleAndTextTuples:
    """The rows, a line break between two."""
    found: StyleAndTextTuples = []
    for at, row in enumerate(rows):
        found += [("", "\n")] if at else []
        found += pieces(row, signs)
    return found


def pieces(row: Iterable[Piece], signs: Signs) -> StyleAndTextTuples:
    """One row."""
    return [(_class(role), signs.safe(text)) for role, text in row]


def _class(role: str) -> str:
    if role.startswith("name:"):
        return f"class:name{int(role[5:]) % len(hues.PALETTE)}"
    return f"class:{role}" if role else ""


def _hex(sgr: str) -> str:
    """A colour of the 256 as its red, green and blue."""
    number = int(sgr.rpartition(";")[2]) - 16
    return "#" + "".join(f"{_LEVELS[each]:02x}" for each in (number // 36, number // 6 % 6, number % 6))
