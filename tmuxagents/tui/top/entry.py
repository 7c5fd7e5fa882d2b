"""The line that is typed into: whatever is printed on a key goes into it, and a paste goes in whole."""

from __future__ import annotations

from collections.abc import Mapping

from textual.widgets import Input

from tmuxagents.output.safe_text import sendable

BREAK = "␊"
"""Stands in the line where the text has a line break."""

_EDITS: Mapping[str, str] = {
    "left": "cursor_left",
    "ctrl+b": "cursor_left",
    "right": "cursor_right",
    "ctrl+f": "cursor_right",
    "ctrl+left": "cursor_left_word",
    "ctrl+right": "cursor_right_word",
    "home": "home",
    "ctrl+a": "home",
    "end": "end",
    "ctrl+e": "end",
    "backspace": "delete_left",
    "ctrl+h": "delete_left",
    "delete": "delete_right",
    "ctrl+d": "delete_right",
    "ctrl+w": "delete_left_word",
    "ctrl+u": "delete_left_all",
    "ctrl+k": "delete_right_all",
}


class Entry(Input):
    """One row. It is handed its keys: Textual gives them to whoever has the focus, and moves that a moment after it was
    asked to, so that the first keys of a line would be the list's, and the first behind it the line's."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False

    @property
    def text(self) -> str:
        """What is in it, with its line breaks."""
        return self.value.replace(BREAK, "\n")

    def put(self, text: str, *, selected: bool = False) -> None:
        """Have that in it, the cursor behind it; `selected`: what is typed takes its place."""
        self.value = text.replace("\n", BREAK)
        self.cursor_position = len(self.value)
        if selected:
            self.select_all()

    def take_in(self, text: str, *, whole: bool = True) -> None:
        """Have that in it where the cursor is, all of its lines; not `whole`: it may go on behind its last break."""
        goes_on = not whole and text.endswith(("\r", "\n"))
        lines = sendable("\n".join(text.splitlines()) + "\n" * goes_on)
        self.replace(lines.replace("\n", BREAK), *self.selection)

    def press(self, key: str, character: str | None) -> bool:
        """Whether the key does something in a line; it is done then."""
        if key in _EDITS:
            getattr(self, f"action_{_EDITS[key]}")()
        elif character is not None and character.isprintable():
            self.replace(character, *self.selection)
        else:
            return False
        return True
