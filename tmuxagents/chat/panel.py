"""The dialog above the line: what an agent wants to do, folded to a few rows, and the keys that settle it."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from tmuxagents.chat.roster import Member, Roster
from tmuxagents.chat.shown import Row, plain
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import visible
from tmuxagents.output.widths import cut, width_of

FOLDED = 6
"""Rows of what it is about that stand there folded."""

KEYS = (("F8", "yes"), ("F9", "no"), ("F2", "all"))
"""No text contains them. Alt-y, Alt-n and Alt-o are the same."""


def shown(roster: Roster, focus: AgentId | None) -> Member | None:
    """Whose dialog is drawn: the focused agent's, else of who has waited longest."""
    focused = roster.by_id(focus)
    if focused is not None and focused.is_there and focused.asked is not None:
        return focused
    return roster.waiting[0] if roster.waiting else None


def rows(member: Member, columns: int, height: int, *, unfolded: bool) -> list[Row]:
    """The panel in at most `height` rows, none wider than the columns."""
    head, *rest = whole(member, columns)
    most = _most(height, unfolded=unfolded)
    if len(rest) > most:
        left = len(rest) - most + 1
        rest = [*rest[: most - 1], [("dim", cut(f"  … {left} more rows: F2", columns))]]
    return [head, *rest, *_keys(member, columns)]


def fits(member: Member, columns: int, height: int, *, unfolded: bool) -> bool:
    """Whether the panel shows all of it in so many rows."""
    return len(whole(member, columns)) - 1 <= _most(height, unfolded=unfolded) <= height - 2


def whole(member: Member, columns: int) -> list[Row]:
    """All that it asks, without the keys."""
    asked = member.asked
    assert asked is not None, "who asks nothing has no panel"
    place = f" (1 of {asked.open})" if asked.open > 1 else ""
    said = " " + plain(f"needs {asked.needs}{place}: {asked.what}")
    first = _first(said, columns, member)
    # What does not fit on the first row of a narrow terminal stands beneath it.
    rest = said[len(first) :].strip()
    broken = wrapped(f"  {rest}", columns) if rest else []
    return [
        [(f"name:{member.color}", member.name), ("call", first)],
        *[[("call", text)] for text in broken],
        *[[("", text)] for text in _beneath(asked.beneath, columns)],
    ]


def _most(height: int, *, unfolded: bool) -> int:
    room = max(1, height - 2)
    return room if unfolded else min(room, FOLDED)


@functools.lru_cache(maxsize=8)
def _beneath(texts: tuple[str, ...], columns: int) -> Sequence[str]:
    """Kept: a whole file may be asked about, and it is drawn with every key."""
    return [row for text in _lines(texts) for row in wrapped(visible(text), columns)]


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.splitlines() or [""]]


def _first(said: str, columns: int, member: Member) -> str:
    return wrapped(said, max(4, columns - width_of(member.name)))[0]


def wrapped(text: str, columns: int) -> list[str]:
    """Cut by cells where the row ends: a command is shown as it is, blanks included."""
    found, row, used = list[str](), "", 0
    for character in text.expandtabs(8):
        width = width_of(character)
        if used + width > columns and row:
            found.append(row)
            row, used = "", 0
        row, used = row + character, used + width
    return [*found, row]


def _keys(member: Member, columns: int) -> list[Row]:
    asked = member.asked
    assert asked is not None
    if asked.takes_yes:
        words = "  ".join(f"{key} {what}" for key, what in KEYS)
        long = f"  {words}   or /approve, /deny {member.name} WHY"
    elif asked.verb == "answer":
        words = long = f"  /answer {member.name} CHOICE"
    else:
        words = long = f"  /{asked.verb} {member.name}"
    return [[("dim", cut(long if width_of(long) <= columns else f"  {words.strip()}", columns))]]
