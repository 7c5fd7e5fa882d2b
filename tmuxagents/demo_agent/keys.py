"""Turn the bytes of a terminal into keys."""

import codecs
import re
from collections.abc import Iterator
from enum import Enum, auto

from tmuxagents.value import Value

ESCAPE_AFTER = 0.03
"""Seconds of silence after which an ESC byte is the Escape key and no sequence."""

_PASTE_START = b"\x1b[200~"
_PASTE_END = b"\x1b[201~"
# A sequence that breaks off ends before the byte that broke it, as in terminals.
_SEQUENCE = re.compile(rb"\x1b(?:\[[ -?]*(?:[@-~]|(?=[^ -~]))|O.|[^\x1b\[O]|(?=\x1b))", re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Press(Enum):
    """A key that is no text."""

    ENTER = auto()
    NEWLINE = auto()
    BACKSPACE = auto()
    DELETE_LINE = auto()
    ESCAPE = auto()
    INTERRUPT = auto()
    END = auto()
    UP = auto()
    DOWN = auto()


class Typed(Value):
    """One printable character."""

    text: str


class Pasted(Value):
    """One whole paste, with plain newlines and no control characters."""

    text: str


Key = Press | Typed | Pasted

_BYTES = {
    b"\r": Press.ENTER,
    b"\n": Press.NEWLINE,
    b"\x7f": Press.BACKSPACE,
    b"\x08": Press.BACKSPACE,
    b"\x15": Press.DELETE_LINE,
    b"\x03": Press.INTERRUPT,
    b"\x04": Press.END,
}
_SEQUENCES = {
    b"\x1b": Press.ESCAPE,
    b"\x1b[A": Press.UP,
    b"\x1bOA": Press.UP,
    b"\x1b[B": Press.DOWN,
    b"\x1bOB": Press.DOWN,
    b"\x1b\r": Press.NEWLINE,
}


def printable(text: str) -> str:
    """Keep newlines and tabs; drop every other control character, C1 too, and lone surrogates."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class Decoder:
    """Gives the same keys however the bytes are cut, as long as no cut is followed by `silence`."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._pasting = False
        self._searched = 0
        self._letters = codecs.getincrementaldecoder("utf-8")("ignore")

    def feed(self, read: bytes) -> list[Key]:
        """Return the keys that are complete now; what is cut off is kept for the next call."""
        self._rest += read
        return list(self._keys())

    @property
    def in_doubt(self) -> bool:
        """True while one ESC may be the Escape key or the start of a sequence."""
        return self._rest == b"\x1b" and not self._pasting

    def silence(self) -> list[Key]:
        """Settle the doubt: nothing came for `ESCAPE_AFTER` seconds."""
        if not self.in_doubt:
            return []
        self._rest.clear()
        return [Press.ESCAPE]

    def _keys(self) -> Iterator[Key]:
        while self._rest:
            if self._pasting:
                if (paste := self._paste()) is None:
                    return
                yield paste
            elif self._rest[0] == 0x1B:
                if (sequence := self._sequence()) is None:
                    return
                if sequence == _PASTE_START:
                    self._pasting = True
                elif sequence in _SEQUENCES:
                    yield _SEQUENCES[sequence]
            else:
                yield from self._plain()

    def _paste(self) -> Pasted | None:
        end = self._rest.find(_PASTE_END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._rest) - len(_PASTE_END) + 1)
            return None
        text = self._take(end).decode("utf-8", "ignore")
        self._take(len(_PASTE_END))
        self._pasting, self._searched = False, 0
        return Pasted(printable(text))

    def _sequence(self) -> bytes | None:
        """Return the sequence at the front; an ESC before another ESC is the Escape key."""
        found = _SEQUENCE.match(self._rest)
        return self._take(found.end()) if found else None

    def _plain(self) -> Iterator[Key]:
        byte = self._take(1)
        text = self._letters.decode(byte)
        if byte in _BYTES:
            yield _BYTES[byte]
        elif text and text != "\t" and printable(text) == text:
            yield Typed(text)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._rest[:count])
        del self._rest[:count]
        return taken
