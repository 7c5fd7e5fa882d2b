"""Tell apart, by the moments at which they came, what is pasted text and what is keys."""

from __future__ import annotations

import re
from typing import Literal

from tmuxagents.value import Value

BEGIN, END = "\x1b[200~", "\x1b[201~"

QUIET_S = 0.1
"""A hand needs longer from a paste to the next key: what comes sooner came with the paste."""

QUIET_AGAIN_S = 1.0
"""Once something did, it is over after so long a pause: a slow line makes pauses of its own in it."""

OVERRAN = "the paste went on behind its end: all is text until no key was pressed for a second"

_MOUSE = r"\x1b\[<[-\d;]*[Mm]"
_TELLS = r"\x1b\[(?:[IO]|\?[\d;]*\$y|48;[\d;:]*t)"
_BEGUN = r"\x1b(?:\[(?:20{0,2}|<[-\d;]*|\?[\d;]*\$?|4(?:8(?:;[\d;:]*)?)?)?)?\Z"
"""What at the end may be the beginning of the mark of a paste, or of what a terminal tells by itself."""


class Piece(Value):
    """`pasted` is a paste to its end, `behind` came with one behind its end, `cut` says that the end of the keys before
    was no key but the beginning of a paste's mark."""

    kind: Literal["keys", "cut", "pasted", "behind"]
    text: str = ""


class Pastes:
    """Divides what is read. `reports`: the terminal tells of its mouse, its focus and its size between the keys; what
    it tells right behind a paste came with no paste."""

    def __init__(self, *, reports: bool = False) -> None:
        self._reports = reports
        self._in_paste = False
        self._parts: list[str] = []
        self._behind_s: float | None = None
        """Until then all is text; None: it is keys."""
        self._held = ""
        """Of a mark that may be cut: told already where it may be keys, and else held back."""
        self._now_s = 0.0

    def fed(self, data: str, now_s: float) -> list[Piece]:
        """Take what was read at that moment (monotonic)."""
        self._now_s = now_s
        found: list[Piece] = []
        if not self._in_paste and self._behind_s is not None and now_s >= self._behind_s:
            self._keys_again(data, found)
        while data:
            if self._in_paste:
                data = self._pasted(data, found)
            elif self._behind_s is not None:
                data = self._behind(data, found)
            else:
                data = self._keys(data, found)
        return found

    def _keys_again(self, data: str, found: list[Piece]) -> None:
        """Unless it goes on with the rest of what was begun."""
        if self._held and re.match(f"{re.escape(BEGIN)}|{_MOUSE}|{_TELLS}", self._held + data):
            return
        if self._held:
            found.append(Piece("behind", self._held))
        self._held, self._behind_s = "", None

    def _keys(self, data: str, found: list[Piece]) -> str:
        told = self._held
        text, begins, rest = (told + data).partition(BEGIN)
        if len(text) > len(told):
            found.append(Piece("keys", text[len(told) :]))
        if begins and told and not text:
            found.append(Piece("cut"))
        self._held, self._in_paste = "" if begins else _beginning(text), bool(begins)
        return rest

    def _pasted(self, data: str, found: list[Piece]) -> str:
        # Looked for in the end of what was there before alone: it may be long.
        text, ended, rest = (self._held + data).partition(END)
        self._held = "" if ended else text[1 - len(END) :]
        self._parts.append(text.removesuffix(self._held))
        if ended:
            found.append(Piece("pasted", "".join(self._parts)))
            self._in_paste, self._behind_s = False, self._now_s + QUIET_S
            self._parts = []
        return rest

    def _behind(self, data: str, found: list[Piece]) -> str:
        text, begins, rest = (self._held + data).partition(BEGIN)
        self._held = "" if begins else self._begun(text)
        text = text.removesuffix(self._held)
        if self._reports:
            # A mouse that is moved behind a paste would be text of it; where a click came with it, it is none.
            text = re.sub(_MOUSE, "", text)
            found += [Piece("keys", told) for told in re.findall(_TELLS, text)]
            text = re.sub(_TELLS, "", text)
        if text:
            self._behind_s = self._now_s + QUIET_AGAIN_S
            found.append(Piece("behind", text.replace(END, "")))
        self._in_paste = bool(begins)
        return rest

    def _begun(self, text: str) -> str:
        begun = re.search(_BEGUN, text) if self._reports else None
        return begun[0] if begun else _beginning(text)


def _beginning(text: str) -> str:
    """What at the end of the text may be the beginning of a mark of which the rest is on its way."""
    return next((BEGIN[:size] for size in range(len(BEGIN) - 1, 0, -1) if text.endswith(BEGIN[:size])), "")
