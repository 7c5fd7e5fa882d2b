"""Draw on the terminal: finished lines scroll up, the picture at the bottom is redrawn in place."""

import contextlib
import os
import termios
import tty
from collections.abc import Iterator

from tmuxagents.demo_agent.box import Picture, width_of

_ENTER = b"\x1b[?2004h"
_LEAVE = b"\x1b[?2004l\x1b[?25h"


class TerminalGone(Exception):
    """Nobody is on the other side any more."""


@contextlib.contextmanager
def raw(keyboard: int, paper: int) -> Iterator[None]:
    """Hold the terminal in raw mode with bracketed paste; what was typed before is discarded."""
    before = termios.tcgetattr(keyboard)
    tty.setraw(keyboard, termios.TCSAFLUSH)
    try:
        _write(paper, _ENTER)
        yield
    finally:
        # The terminal may be gone: that is why we are leaving.
        with contextlib.suppress(TerminalGone, termios.error):
            _write(paper, _LEAVE)
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


class Screen:
    """Everything printed is on the terminal when `draw` returns."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._finished = bytearray()
        self._shown = Picture((), 0, 0)

    def size(self) -> tuple[int, int]:
        """Return columns and lines as they are now."""
        try:
            columns, lines = os.get_terminal_size(self._fd)
        except OSError as error:
            raise TerminalGone from error
        return columns or 80, lines or 24

    def print(self, text: str) -> None:
        """Add finished lines."""
        self.print_raw(text.encode("utf-8", "replace").replace(b"\n", b"\r\n"))

    def print_raw(self, line: bytes) -> None:
        """Add one finished line as these exact bytes."""
        self._finished += line + b"\r\n"

    def draw(self, picture: Picture) -> None:
        """Print what is finished and show the picture under it."""
        columns, lines = self.size()
        picture = _clipped(picture, lines)
        if picture == self._shown and not self._finished:
            return
        _write(self._fd, self._to_top(columns, lines) + bytes(self._finished) + _painted(picture))
        self._finished.clear()
        self._shown = picture

    def clear(self) -> None:
        """Print what is finished and take the picture away."""
        _write(self._fd, self._to_top(*self.size()) + bytes(self._finished) + b"\x1b[?25h")
        self._finished.clear()
        self._shown = Picture((), 0, 0)

    def _to_top(self, columns: int, lines: int) -> bytes:
        """Go to the picture's first row, counting the rows the terminal made of ours when it was narrowed."""
        above = self._shown.rows[: self._shown.row]
        up = sum(max(1, -(-width_of(row) // columns)) for row in above) + self._shown.column // columns
        up = min(up, lines - 1)
        return b"\x1b[?25l" + (b"\x1b[%dA" % up if up else b"") + b"\r\x1b[J"


def _clipped(picture: Picture, lines: int) -> Picture:
    over = max(0, len(picture.rows) - lines)
    return Picture(picture.rows[over:], max(0, picture.row - over), picture.column)


def _painted(picture: Picture) -> bytes:
    up = len(picture.rows) - 1 - picture.row
    move = (b"\x1b[%dA" % up if up else b"") + b"\r" + (b"\x1b[%dC" % picture.column if picture.column else b"")
    return "\r\n".join(picture.rows).encode("utf-8", "replace") + move + b"\x1b[?25h"


def _write(fd: int, block: bytes) -> None:
    try:
        while block:
            block = block[os.write(fd, block) :]
    except OSError as error:
        raise TerminalGone from error
