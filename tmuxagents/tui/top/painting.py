"""Lines as Textual draws them, in colours that can be read on black and on white."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tmuxagents.output.dashboard import looks
from tmuxagents.output.dashboard.pieces import Line, ascii_only


def strip(line: Line, *, unicode: bool) -> Strip:
    """The line; without Unicode in characters that every terminal has."""
    return Strip([Segment(text if unicode else ascii_only(text), style(look)) for text, look in line])


@lru_cache(4096)
def style(look: str) -> Style:
    """How a piece of that look is drawn."""
    if look.startswith("cell:"):
        _, flags, colour, ground = look.split(":")
        return Style(dim=flags[0] == "1", reverse=flags[1] == "1", color=_color(colour), bgcolor=_color(ground))
    return _parsed(looks.sgr(look))


def _parsed(sgr: str) -> Style:
    """Bold, pale, inverse, and a colour of the 256."""
    codes = sgr.split(";") if sgr else []
    color = Color.from_ansi(int(codes[-1])) if "38" in codes else None
    return Style(bold="1" in codes[:1] or None, dim="2" in codes or None, reverse="7" in codes or None, color=color)


def _color(code: str) -> Color | None:
    """What a program drew a cell in: `31`, `5;208`, `2;255;0;0`."""
    numbers = [int(part) for part in code.split(";") if part.isdecimal()]
    if len(numbers) == 1:
        number = numbers[0]
        base = (
            number - 30 if number < 40 else number - 40 if number < 50 else number - 82 if number < 100 else number - 92
        )
        return Color.from_ansi(base) if 0 <= base < 16 else None
    if len(numbers) == 2 and numbers[0] == 5 and numbers[1] < 256:
        return Color.from_ansi(numbers[1])
    if len(numbers) == 4 and numbers[0] == 2 and max(numbers) < 256:
        return Color.from_rgb(*numbers[1:])
    return None
