"""The line that is typed into: whatever is printed on a key goes into it, and a paste goes in whole."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input

BREAK = "␊"
"""Stands in the line where the text has a line break."""


class Entry(Input):
    """One row. `told` hears of every key."""

    def __init__(self, told: Callable[[], None], *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, compact=True, select_on_focus=False)
        self._told = told
        self.cursor_blink = False

    @property
    def text(self) -> str:
        """What is in it, with its line breaks."""
        return self.value.replace(BREAK, "\n")

    def put(self, text: str) -> None:
        """Have that in it, the cursor behind it."""
        self.value = text.replace("\n", BREAK)
        self.cursor_position = len(self.value)

    async def _on_key(self, event: events.Key) -> None:
        self._told()
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual's own takes the first line and drops the rest.
        self._told()
        self.insert_text_at_cursor("\n".join(event.text.splitlines()).replace("\n", BREAK))
        event.prevent_default()
        event.stop()
