"""A line of the screen as pieces of text with the name of how each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tmuxagents.output.widths import cells, cut, width_of

Piece = tuple[str, str]
"""A text and its style: "" as the terminal has it, `bold`, `dim`, `head`, `bar`, `calls`, `fails`, `stalls`, `works`,
`unsure`, or `agent:N`, the colour of an agent."""

Line = tuple[Piece, ...]

_RULES = " ─━═╌┄-_│┃║┐┘╮╯"

_ASCII = str.maketrans({
    **dict.fromkeys("─━═╌┄", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
    "…": "~", "≠": "!", "•": "*", "·": "-", "●": "*", "○": "o", "✓": "+", "✗": "x", "▸": ">", "❯": ">", "›": ">",
    "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "↑": "^", "↓": "v", "␊": "$",
})  # fmt: skip


def plain(line: Line) -> str:
    """Its text."""
    return "".join(text for text, _ in line)


def fitted(line: Line, width: int) -> Line:
    """The line in exactly so many cells: cut with `…`, or filled up."""
    return _filled(line, width, cut)


def cropped(line: Line, width: int) -> Line:
    """The same for a row of a window: `›` at the edge says that it goes on there. A rule across the window, and blanks,
    may be as wide as they like."""
    if width_of(plain(line)) <= width:
        return fitted(line, width)
    kept = _filled(line, width, lambda text, left: cut(text + "…", left + 1)[:-1])
    if not plain(line)[len(plain(kept).rstrip()) :].strip(_RULES) or width < 2:
        return kept
    return (*_filled(line, width - 1, lambda text, left: cut(text + "…", left + 1)[:-1]), ("›", "dim"))


def _filled(line: Line, width: int, cut_to: Callable[[str, int], str]) -> Line:
    found: list[Piece] = []
    left = width
    for text, style in line:
        if left <= 0:
            break
        fits = width_of(text) <= left
        kept = text if fits else cut_to(text, left)
        left -= width_of(kept)
        if kept:
            found.append((kept, style))
        if not fits:
            # A wide character had no room.
            break
    return (*found, (" " * left, "")) if left > 0 else tuple(found)


def ascii_only(text: str) -> str:
    """The text for a terminal that has no Unicode: in as many cells, what has no likeness as `?`."""
    if text.isascii():
        return text
    told = text.translate(_ASCII)
    return told if told.isascii() else "".join(c if c.isascii() else "?" * cells(c) for c in told)


def wrapped(text: str, width: int, most: int) -> list[str]:
    """The text in rows of that width, broken at blanks where there are some; the last of more than `most` rows ends
    with `…`."""
    rows: list[str] = []
    for line in text.split("\n"):
        rows += _wrapped(line.replace("\t", "    ").rstrip(), max(1, width))
    if len(rows) <= most:
        return rows
    kept = rows[: max(0, most)]
    return [*kept[:-1], cut(kept[-1] + " …" * 40, width)] if kept else []


def _wrapped(line: str, width: int) -> Sequence[str]:
    rows = []
    while width_of(line) > width:
        at = _break(line, width)
        rows.append(line[:at].rstrip())
        line = line[at:].lstrip(" ")
    return [*rows, line]


def _break(line: str, width: int) -> int:
    used = at = blank = 0
    for at, character in enumerate(line):
        used += cells(character)
        if used > width:
            break
        if character == " ":
            blank = at
    return blank or max(1, at)
