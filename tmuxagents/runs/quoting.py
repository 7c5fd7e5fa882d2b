"""In a shell line what is filled in is quoted: it must stand where a quoted word means itself."""

from __future__ import annotations

import re

from tmuxagents.runs.expressions import TemplateInvalid

_TAG = re.compile(r"\{\{|\{%")


def check(line: str) -> None:
    """`TemplateInvalid` where something would be filled in within quotes, or into a here-document.

    `'…'` within `"…"` does not quote: there `$(…)` of an answer would be run. A quote in a comment counts as one.
    """
    quote, at = "", 0
    while at < len(line):
        if tag := _TAG.match(line, at):
            end = line.find("}}" if tag[0] == "{{" else "%}", at)
            if tag[0] == "{{" and quote:
                raise _within(line, at, f"take the {quote} away around it: it is quoted where it is filled in")
            at = len(line) if end < 0 else end + 2
            continue
        char = line[at]
        if char == "\\" and quote != "'":
            at += 1
        elif char in "'\"" and quote in ("", char):
            quote = "" if quote else char
        elif line.startswith("<<", at) and not quote and "{{" in line[at:]:
            raise _within(line, at, "nothing is filled into a here-document: its lines would be run")
        at += 1


def _within(line: str, at: int, what: str) -> TemplateInvalid:
    return TemplateInvalid(what, line.count("\n", 0, at) + 1, line[at : at + 12].split("\n")[0])
