"""Agents as they are written: below a heading of their own, as rows of a table, as items of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tmuxagents.model.manifest import Place
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad import headings, markdown, settings
from tmuxagents.runs.squad.markdown import Line, Section
from tmuxagents.value import Value


class Written(Value):
    """What it is called, on which line, and what is said of it and to it."""

    title: str
    line: int
    lines: Sequence[Line]


def of_headings(parts: Sequence[Section]) -> Written:
    """The agent of the first heading; those below it are labels."""
    lines = list(parts[0].lines)
    for part in parts[1:]:
        label = headings.title(part)
        known = label in settings.SCOPE or label in settings.AFTER
        lines.append(Line(part.line, f"{label}:" if known else f"{part.title}:"))
        lines += part.lines
    return Written(parts[0].title, parts[0].line, lines)


def of_roster(part: Section) -> Iterator[Written] | None:
    """The agents below the heading of them all; None where neither a table nor a list is there."""
    table = markdown.rows(part.lines)
    if table:
        return _of_table(table)
    items = [markdown.item(line) for line in part.lines if line.text.strip()]
    return None if all(one.indent is None for one in items) else _of_list(part)


def _of_table(table: Sequence[tuple[int, list[str]]]) -> Iterator[Written]:
    head = [markdown.plain(cell) for cell in table[0][1]]
    for line, cells in table[1:]:
        rest = [(label, cell) for label, cell in zip(head[1:], cells[1:], strict=False) if cell not in ("", "-", "—")]
        yield Written(cells[0], line, [Line(line, f"{label}: {cell}") for label, cell in rest])


def _of_list(part: Section) -> Iterator[Written]:
    """`- **api**: what it does`, with more of it indented below."""
    title, line, deep, lines = "", 0, 0, list[Line]()
    for each in part.lines:
        one = markdown.item(each)
        if one.indent == 0:
            if title:
                yield Written(title, line, lines)
            match = re.fullmatch(r"(.+?)(?::(?:\*\*)?|\s[–—-])\s+(.+)", one.text)
            title, line = (match[1] if match else one.text), each.number
            lines, deep = [Line(each.number, match[2])] if match else [], 0
        elif each.text.strip():
            if not title:
                raise Fault(Place(each.number, 1), "cannot tell which agent this is about")
            deep = deep or len(each.text) - len(each.text.lstrip())
            lines.append(Line(each.number, each.text[:deep].lstrip() + each.text[deep:], each.fenced))
    if title:
        yield Written(title, line, lines)
