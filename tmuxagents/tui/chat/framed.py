"""A terminal that is written to a frame at a time, and that tells what is a key from what only looks like one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TextIO

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from tmuxagents import clock
from tmuxagents.tui.chat.pasting import PasteParser

ALONE = Keys.F24
"""Esc by itself. `\\x1b` and a letter that come apart are Esc and that letter: only together are they Alt and it."""

YES, NO, ALL = Keys.F8, Keys.F9, Keys.F2
_CHORDS = {"y": YES, "n": NO, "o": ALL}


class FramedOutput(Vt100_Output):
    """All that is drawn within `frame` is one write: no row is torn, and a slow line carries it whole. `wraps_anew`:
    the terminal does so with all its rows when its width changes. `shortened`: the end of a row was cleared."""

    _held = 0
    wraps_anew = False
    shortened = False
    gone = False
    lost: Callable[[], None] = staticmethod(lambda: None)

    @contextlib.contextmanager
    def frame(self) -> Iterator[None]:
        """Until its end nothing is written."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self.flush()

    def flush(self) -> None:
        """As a terminal's, outside of a frame. One that is gone ends nothing here: `lost` is called, once."""
        if self._held:
            return
        try:
            super().flush()
        except OSError:
            self._buffer.clear()
            if not self.gone:
                self.gone = True
                self.lost()

    def erase_down(self) -> None:
        """From the start of a row. Not all at once: where that is the whole screen tmux 3.3a takes it for `clear`, and
        keeps what was erased in its history."""
        self.write_raw("\x1b7\x1b[K\x1b[B\x1b[J\x1b8")

    def erase_end_of_line(self) -> None:
        """As a terminal's."""
        self.shortened = True
        super().erase_end_of_line()

    def disable_autowrap(self) -> None:
        """Where rows are wrapped anew a row that is too long has to be wrapped as well: it comes to a terminal that is
        narrower already, and whose signal is on its way (tmux 3.3a sends it up to 250 ms later)."""
        if not self.wraps_anew:
            super().disable_autowrap()

    def disable_bracketed_paste(self) -> None:
        """Not between two frames: a paste that comes just then would be typed, each of its lines entered."""
        if not self._held:
            super().disable_bracketed_paste()


def output(stream: TextIO, *, color: bool, wraps_anew: bool = False) -> FramedOutput:
    """The terminal that the stream is. Where its cursor is it is not asked: the answer would come between the keys."""
    depth = ColorDepth.DEPTH_8_BIT if color else ColorDepth.DEPTH_1_BIT
    made = FramedOutput.from_pty(stream, default_color_depth=depth, enable_bell=False)
    assert isinstance(made, FramedOutput)
    made.enable_cpr, made.wraps_anew = False, wraps_anew
    return made


class Keyboard(Vt100Input):
    """The keys, and when the last was pressed; `before_s` is the one before that, as a key that settles asks for it. A
    key that is held down comes again and again, and is its own last one. `overran` is called where a paste went on
    behind its end."""

    def __init__(self, stdin: TextIO) -> None:
        super().__init__(stdin)
        self.vt100_parser = self._pastes = PasteParser(self._buffer_up)
        self.overran: Callable[[], None] = lambda: None
        self.pressed_s: float | None = None
        self.before_s: float | None = None
        self._split = False

    def read_keys(self) -> list[KeyPress]:
        """What was read at once."""
        data = self.stdin_reader.read()
        split, self._split = self._split, data.endswith("\x1b")
        now = clock.monotonic()
        if self._pastes.fed(data, now):
            self.overran()
        keys, self._buffer = told_apart(self._buffer, split=split), []
        if keys or self._split:
            # Of several that were read at once each has one right before it.
            self.before_s, self.pressed_s = self.pressed_s if len(keys) == 1 else now, now
        return keys

    def flush_keys(self) -> list[KeyPress]:
        """What the parser has waited with: an Esc that nothing followed."""
        self._split = False
        self.vt100_parser.flush()
        keys, self._buffer = told_apart(self._buffer, split=True), []
        return keys

    def _buffer_up(self, key: KeyPress) -> None:
        self._buffer.append(key)


def told_apart(keys: list[KeyPress], *, split: bool) -> list[KeyPress]:
    """Esc and a letter as the chord that they are, or as two keys where the first of them was read before (`split`)."""
    found: list[KeyPress] = []
    for at, key in enumerate(keys):
        before = keys[at - 1] if at else None
        if key.key is Keys.Escape and ((split and at == 0) or at == len(keys) - 1):
            found.append(KeyPress(ALONE, key.data))
        elif before is not None and before.key is Keys.Escape and found and found[-1].key is Keys.Escape:
            chord = _CHORDS.get(str(key.key))
            if chord is not None:
                found[-1] = KeyPress(chord, "")
            else:
                found.append(key)
        else:
            found.append(key)
    return found
