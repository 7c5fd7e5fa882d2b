"""A Markdown text as its headings, each with its lines; tables and fences are lines like others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tmuxagents.value import Value

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|(\d+)[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)")
_LABEL = re.compile(r"(?:\*\*|__)?([A-Za-z][A-Za-z /'-]{1,30}?)(?:\*\*|__)?:(?:\*\*|__)?(?:[ \t]+(.*)|)\Z")


class Line(Value):
    """A line and its number; `fenced`: it stands in a block of code."""

    number: int
    text: str
    fenced: bool = False


class Section(Value):
    """A heading and what stands below it, up to the next heading. `level` is 0 for what is before the first."""

    level: int
    title: str
    line: int
    lines: Sequence[Line]


class Item(Value):
    """A line as a list has it: how far it is indented, its number in a numbered list, its text. What is no item of a
    list has no indent."""

    line: int
    indent: int | None
    number: int | None
    text: str


def sections(text: str) -> list[Section]:
    """The parts of the text, in order. Front matter, and what stands between `<!--` and `-->`, is none
    of it."""
    found, title, level, begun = [], "", 0, 1
    lines: list[Line] = []
    fence = ""
    for number, line in enumerate(_without_comments(_without_front_matter(text)).split("\n"), 1):
        mark = _FENCE.match(line)
        heading = None if fence or mark else _HEADING.match(line)
        if heading:
            found.append(Section(level, title, begun, lines))
            level, title, begun, lines = len(heading[1]), plain(heading[2]), number, []
            continue
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark[1]
            lines.append(Line(number, line, True))
            continue
        lines.append(Line(number, line, bool(fence)))
    return [*found, Section(level, title, begun, lines)]


def _without_front_matter(text: str) -> str:
    """Its lines stay, so that numbers are right."""
    match = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    return "\n" * match[0].count("\n") + text[match.end() :] if match else text


def _without_comments(text: str) -> str:
    """Their lines stay, so that numbers are right."""
    return re.sub(r"<!--.*?-->", lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)


def item(line: Line) -> Item:
    """The line as an item of a list."""
    match = _ITEM.match(line.text)
    if match is None or line.fenced:
        return Item(line.number, None, None, line.text.strip())
    indent = len(match[1].expandtabs(4))
    return Item(line.number, indent, int(match[2]) if match[2] else None, match[3].strip())


def label(text: str) -> tuple[str, str] | None:
    """`**Owns:** src` as its label, in small letters, and what it says; None where there is none."""
    match = _LABEL.match(text.strip())
    return (match[1].strip().lower(), (match[2] or "").strip()) if match else None


def plain(text: str) -> str:
    """Without marks of bold, slanted and code."""
    return re.sub(r"\*\*|__|`", "", text).strip().strip("*").strip()


def rows(lines: Iterable[Line]) -> list[tuple[int, list[str]]]:
    """The rows of tables, without the rule below a head, each with its line."""
    found = []
    for line in lines:
        text = line.text.strip()
        if not line.fenced and text.startswith("|") and not re.fullmatch(r"[|:\s-]+", text):
            found.append((line.number, [cell.strip() for cell in text.strip("|").split("|")]))
    return found
