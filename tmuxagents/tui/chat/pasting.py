"""What comes with a paste is text, also behind an end mark that the pasted text holds itself."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from tmuxagents.tui.pasting import Pastes


class PasteParser(Vt100Parser):
    """prompt_toolkit's, to which all behind the first end mark is keys. `fed` is told when (a monotonic moment), and
    says whether something came with a paste behind its end."""

    def __init__(self, told: Callable[[KeyPress], None]) -> None:
        super().__init__(told)
        self._pastes = Pastes()

    def fed(self, data: str, now_s: float) -> bool:
        """Take what was read at that moment."""
        pieces = self._pastes.fed(data, now_s)
        for piece in pieces:
            if piece.kind == "keys":
                self.feed(piece.text)
            elif piece.kind == "cut":
                self.reset()
            else:
                # An Esc before it was pressed before it.
                self.flush()
                self.feed_key_callback(KeyPress(Keys.BracketedPaste, piece.text))
        return any(piece.kind == "behind" for piece in pieces)
