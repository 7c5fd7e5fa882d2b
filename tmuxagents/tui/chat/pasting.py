"""What comes with a paste is text, also behind an end mark that the pasted text holds itself."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

BEGIN, END = "\x1b[200~", "\x1b[201~"

QUIET_S = 0.1
"""A hand needs longer from a paste to the next key: what comes sooner came with the paste."""

QUIET_AGAIN_S = 1.0
"""Once something did, it is over after so long a pause: a slow line makes pauses of its own in it."""


class PasteParser(Vt100Parser):
    """prompt_toolkit's, to which all behind the first end mark is keys. `fed` is told when (a monotonic moment), and
    says whether something came with a paste behind its end."""

    def __init__(self, told: Callable[[KeyPress], None]) -> None:
        super().__init__(told)
        self._behind_s: float | None = None
        """Until then all is text; None: it is keys."""
        self._now_s, self._overran, self._begun = 0.0, False, ""

    def fed(self, data: str, now_s: float) -> bool:
        """Take what was read at that moment."""
        self._now_s, self._overran = now_s, False
        if self._behind_s is not None and now_s >= self._behind_s:
            self._keys_again(data)
        self.feed(data)
        return self._overran

    def _keys_again(self, data: str) -> None:
        """Unless it goes on with the rest of the mark of another paste."""
        if not self._begun or not (self._begun + data).startswith(BEGIN):
            begun, self._begun, self._behind_s = self._begun, "", None
            if begun:
                self._text(begun)

    def feed(self, data: str) -> None:
        """Take more of it; of pasted text what is behind its end as well."""
        if self._in_bracketed_paste:
            text, ended, rest = (self._paste_buffer + data).partition(END)
            self._paste_buffer = text
            if ended:
                self._in_bracketed_paste, self._paste_buffer = False, ""
                self._text(text)
                self._behind_s = self._now_s + QUIET_S
                self._behind(rest)
        elif self._behind_s is not None:
            self._behind(data)
        else:
            super().feed(data)

    def _behind(self, data: str) -> None:
        if not data:
            return
        text, begins, rest = (self._begun + data).partition(BEGIN)
        self._begun = "" if begins else _beginning(text)
        text = text.removesuffix(self._begun)
        if text:
            self._overran, self._behind_s = True, self._now_s + QUIET_AGAIN_S
            self._text(text.replace(END, ""))
        if begins:
            self._in_bracketed_paste, self._paste_buffer = True, ""
            self.feed(rest)

    def _text(self, text: str) -> None:
        self.feed_key_callback(KeyPress(Keys.BracketedPaste, text))


def _beginning(text: str) -> str:
    """What at the end of the text may be the beginning of a mark of which the rest is on its way."""
    return next((BEGIN[:size] for size in range(len(BEGIN) - 1, 0, -1) if text.endswith(BEGIN[:size])), "")
