"""A value behind its key, on as many rows as it needs."""

from __future__ import annotations

from tmuxagents.output.rendering import hang
from tmuxagents.output.widths import width_of

_BELOW = "  "


def keyed(key: str, text: str, width: int | None) -> list[str]:
    """The text behind the key, which its blanks belong to, wrapped under its beginning. What would have to be broken
    there within a word (an id, a path) and has room on a row of its own stands below the key."""
    if width is None:
        return hang(key, text, width)
    longest = max(map(width_of, text.split()), default=0)
    if width - width_of(key) < longest <= width - len(_BELOW):
        return [key.rstrip(), *hang(_BELOW, text, width)]
    return hang(key, text, width)
