"""What a program said last on its terminal, for whoever wants to know why it failed."""

from __future__ import annotations

import re

from tmuxagents.output import pane_bytes
from tmuxagents.output.pane_bytes import PlainState
from tmuxagents.output.safe_text import one_line

BYTES = 16_384
"""How much of the end of a terminal's record is looked at."""

_LONGEST = 300
# What a program that draws its screen turns off when it leaves it: bracketed paste, the other screen.
_LEFT = re.compile(rb"\x1b\[\?(?:2004|1049|1047|47)l")
_TELLING = re.compile(
    r"\b(?:error|fatal|panic|exception|denied|not found|no such|cannot|failed|invalid)\b", re.IGNORECASE
)
_NEAR = 8


def last_words(end: bytes) -> str:
    """Of the last lines the last that tells of an error, else the last; empty when there is none.

    `end` is the end of what was sent to the terminal. Of a program that draws its screen only what stands behind
    the drawing counts: a box it left is not what it said."""
    rows = _rows(end)
    if rows is None:
        left = list(_LEFT.finditer(end))
        rows = (_rows(end[left[-1].end() :]) if left else None) or []
    said = [text for row in rows if (text := one_line(row, _LONGEST).strip())]
    telling = [row for row in said[-_NEAR:] if _TELLING.search(row)]
    return (telling or said or [""])[-1]


def _rows(data: bytes) -> list[str] | None:
    """Its lines; None where the bytes address the screen."""
    fed = pane_bytes.feed(PlainState(), data)
    return None if fed.screenful else [*fed.lines, *pane_bytes.flush(fed.state)]
