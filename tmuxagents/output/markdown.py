"""Read the little Markdown that agents write, so that a terminal shows it as it is meant.

Headings, bold, code and bullets; no more. Only marks go: every other character stays, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tmuxagents.output import hues
from tmuxagents.value import Value

_BOLD, _CODE = "1", hues.QUOTES
_HEADING = re.compile(r" {0,3}#{1,6} +(?=\S)")
_BULLET = re.compile(r"( *)[-*+] (?=\S)")
_FENCE = re.compile(r" {0,3}```")
# Not `__bold__` nor `*slanted*`: __init__.py and a * b are commoner in what agents say.
_MARKED = re.compile(r"`([^`]+)`|\*\*(?=[^\s*])(.+?)(?<=[^\s*])\*\*")


class Styled(Value):
    """A line without its marks, and the SGR parameters of each of its characters."""

    text: str
    styles: tuple[str, ...]


def read(text: str) -> list[Styled]:
    """The lines of a text, one for one."""
    found, fenced = list[Styled](), False
    for line in text.split("\n"):
        is_fence = _FENCE.match(line) is not None
        if is_fence or fenced:
            found.append(_all(line, "" if is_fence else _CODE))
        else:
            found.append(_line(line))
        fenced ^= is_fence
    return found


def paint(rows: Sequence[str], line: Styled) -> list[str]:
    """The rows that a line was wrapped into, with its styles. Wrapping drops blanks and nothing else."""
    painted, at = list[str](), 0
    for row in rows:
        styles = list[str]()
        for character in row:
            while line.text[at] != character:
                at += 1
            styles.append(line.styles[at])
            at += 1
        painted.append(_runs(row, styles))
    return painted


def _runs(row: str, styles: Sequence[str]) -> str:
    parts, start = list[str](), 0
    for at in range(1, len(row) + 1):
        if at == len(row) or styles[at] != styles[start]:
            run = row[start:at]
            parts.append(f"\x1b[{styles[start]}m{run}\x1b[0m" if styles[start] else run)
            start = at
    return "".join(parts)


def _line(line: str) -> Styled:
    heading = _HEADING.match(line)
    if heading is not None:
        return _all(_inline(line[heading.end() :], "").text, _BOLD)
    bullet = _BULLET.match(line)
    if bullet is None:
        return _inline(line, "")
    head = f"{bullet[1]}• "
    return _joined([_all(head, ""), _inline(line[bullet.end() :], "")])


def _inline(text: str, style: str) -> Styled:
    parts, start = list[Styled](), 0
    for found in _MARKED.finditer(text):
        parts.append(_all(text[start : found.start()], style))
        parts.append(_all(found[1], _CODE) if found[1] is not None else _inline(found[2], _BOLD))
        start = found.end()
    return _joined([*parts, _all(text[start:], style)])


def _all(text: str, style: str) -> Styled:
    return Styled(text, (style,) * len(text))


def _joined(parts: Sequence[Styled]) -> Styled:
    return Styled("".join(part.text for part in parts), tuple(style for part in parts for style in part.styles))
