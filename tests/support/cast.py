"""What a terminal showed, as an asciinema cast (version 2) of whole screens: a picture has exactly these frames."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

_SGR = re.compile(r"\x1b\[([\d;]*)m")
_BEGIN = "\x1b[H\x1b[2J"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is drawn; a colour is `#rrggbb`, or empty for the terminal's own."""

    color: str = ""
    ground: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underlined: bool = False
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A text of one style."""

    text: str
    style: Style


Row = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A screen as it stands for so long: its rows with their codes, where the cursor is if there is one, and what was
    pressed before it where that draws nothing itself."""

    rows: tuple[str, ...]
    cursor: tuple[int, int] | None
    seconds: float
    pressed: str = ""

    @property
    def text(self) -> str:
        """What is written on it."""
        return "\n".join(_SGR.sub("", row).rstrip() for row in self.rows)


def dumped(frames: Sequence[Frame], *, columns: int, rows: int, title: str) -> str:
    """The cast: `asciinema play` shows it. The times are those that the frames say, and none of a clock."""
    lines = [json.dumps({"version": 2, "width": columns, "height": rows, "title": title})]
    at = 0.0
    for frame in frames:
        if frame.pressed:
            lines.append(json.dumps([round(at, 3), "m", frame.pressed]))
        drawn = _BEGIN + "\r\n".join(frame.rows) + _ended(frame.cursor)
        lines.append(json.dumps([round(at, 3), "o", drawn], ensure_ascii=False))
        at += frame.seconds
    # Without an event at its end the last screen would stand for no time.
    lines.append(json.dumps([round(at, 3), "o", ""]))
    return "\n".join(lines) + "\n"


def _ended(cursor: tuple[int, int] | None) -> str:
    return "\x1b[0m" + (f"\x1b[{cursor[1] + 1};{cursor[0] + 1}H" if cursor is not None else "\x1b[?25l")


def loaded(cast: str) -> tuple[Sequence[Frame], int, int]:
    """The frames of a cast that `dumped` has written, and its columns and rows."""
    head, *lines = [json.loads(line) for line in cast.splitlines()]
    frames: list[Frame] = []
    pressed, before = "", 0.0
    for at, kind, drawn in lines:
        if kind == "o" and frames:
            frames[-1] = replace(frames[-1], seconds=round(at - before, 3))
        if kind == "m":
            pressed = drawn
        elif drawn:
            found = re.fullmatch(r"(?s)\x1b\[H\x1b\[2J(.*)\x1b\[0m\x1b\[(?:\?25l|(\d+);(\d+)H)", drawn)
            assert found is not None, drawn
            cursor = (int(found[3]) - 1, int(found[2]) - 1) if found[2] else None
            frames.append(Frame(tuple(found[1].split("\r\n")), cursor, 0.0, pressed))
            pressed, before = "", at
    return frames, int(head["width"]), int(head["height"])


def spans(rows: Sequence[str]) -> Iterator[Row]:
    """The rows as texts of one style each; a style goes on into the next row."""
    style = Style()
    for row in rows:
        found, at = [], 0
        for code in _SGR.finditer(row):
            found.append(Span(row[at : code.start()], style))
            style, at = _changed(style, code[1]), code.end()
        found.append(Span(row[at:], style))
        yield tuple(span for span in found if span.text)


def _changed(style: Style, codes: str) -> Style:
    numbers = [int(code or 0) for code in codes.split(";")]
    while numbers:
        match numbers:
            case [(38 | 48) as where, 5, number, *numbers]:
                style = _colored(style, where, _indexed(number))
            case [(38 | 48) as where, 2, red, green, blue, *numbers]:
                style = _colored(style, where, f"#{red:02x}{green:02x}{blue:02x}")
            case [number, *numbers]:
                style = _plain(style, number)
    return style


def _colored(style: Style, where: int, color: str) -> Style:
    return replace(style, color=color) if where == 38 else replace(style, ground=color)


_SWITCHES: Mapping[int, Mapping[str, Any]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underlined": True},
    7: {"reverse": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underlined": False},
    27: {"reverse": False},
}


def _plain(style: Style, number: int) -> Style:
    if number == 0:
        return Style()
    if number in (39, 49):
        return _colored(style, number - 1, "")
    for base, first in ((30, 0), (40, 0), (90, 8), (100, 8)):
        if base <= number < base + 8:
            return _colored(style, 38 if base in (30, 90) else 48, _indexed(first + number - base))
    return replace(style, **_SWITCHES.get(number, {}))


_SIXTEEN = (
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
    "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
)  # fmt: skip


def _indexed(number: int) -> str:
    """Of the 256 colours of a terminal."""
    if number < 16:
        return _SIXTEEN[number]
    if number >= 232:
        return f"#{8 + 10 * (number - 232):02x}" + f"{8 + 10 * (number - 232):02x}" * 2
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return "#" + "".join(f"{steps[part]:02x}" for part in (number // 36, number // 6 % 6, number % 6))
