"""The first page of a chat, before anything that takes long to import."""

from __future__ import annotations

from tmuxagents.chat import page, stream
from tmuxagents.model.entry import Entry
from tmuxagents.services.app import App
from tmuxagents.services.fleet.cursor import Cursor
from tmuxagents.store import marks
from tmuxagents.value import Value


class Place(Value):
    """Where the first page has ended."""

    last: int
    told: Entry | None
    entries: tuple[Entry, ...]


def first_page(app: App, *, count: int, width: int, color: bool) -> tuple[list[str], Place]:
    """The newest entries, with a mark where what was missed begins."""
    cursor = Cursor(app)
    entries = cursor.newest(count)
    at = page.missed_from(entries, marks.places(app.db)) if entries else None
    if at is None:
        rows = stream.rows(entries, width=width, color=color)
    else:
        before = stream.rows(entries[:at], width=width, color=color)
        behind = stream.rows(entries[at:], width=width, color=color)
        rows = [*before, page.mark(len(entries) - at, more=at == 0), *behind]
    return rows, Place(cursor.last, cursor.told, tuple(entries))
