"""What was typed and what was pasted, as Textual's messages."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from tmuxagents.tui.pasting import Pastes


class CameWith(events.Paste, bubble=True):
    """Came with a paste behind its end."""


class Typed:
    """Textual's parser is given keys alone: of a paste it makes keys behind the first end mark, and of an escape in it
    as well."""

    def __init__(self) -> None:
        self._pastes, self._keys = Pastes(reports=True), _Keys()

    def fed(self, data: str, now_s: float) -> Iterator[Message]:
        """Take what was read at that moment (monotonic)."""
        for piece in self._pastes.fed(data, now_s):
            if piece.kind == "keys":
                yield from self._keys.feed(piece.text)
            elif piece.kind == "cut":
                self._keys.forget()
            else:
                # An Esc before it was pressed before it.
                yield from self._keys.settled()
                yield (CameWith if piece.kind == "behind" else events.Paste)(piece.text)

    def tick(self) -> Iterator[Message]:
        """An Esc that nothing followed, after a while."""
        yield from self._keys.tick()


class _Keys(XTermParser):
    def forget(self) -> None:
        """What has begun was no key."""
        self._tokens.clear()
        self._gen = self.parse(self._tokens.append)
        self._awaiting = next(self._gen)
        self._timeout_time = None

    def settled(self) -> Iterator[Message]:
        """What has begun is over."""
        if self._timeout_time is not None:
            self._timeout_time = 0.0
            yield from self.tick()
