"""The chat line by line, for screen readers, phones and terminals that can only write: nothing is ever drawn anew.

The terminal itself keeps what is typed until Enter; what an agent says meanwhile stands in between.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from tmuxagents import clock
from tmuxagents.chat.shown import Signs, plain
from tmuxagents.output.widths import wrapped
from tmuxagents.tui.chat import editing, history
from tmuxagents.tui.chat.front import Entered, Given
from tmuxagents.tui.chat.leaving import ALONE_S, waits
from tmuxagents.tui.chat.room import Room

LONGEST = 4095
"""Bytes that a terminal keeps of a line (N_TTY); the rest of a longer one it has thrown away."""


class _Left(BaseException):
    """A signal that ends us; not an error, so that nobody takes it for one."""

    def __init__(self, code: int) -> None:
        self.code = code


class Plain:
    """A front of the chat."""

    def __init__(self, given: Given, stdin: TextIO, stdout: TextIO, memory: Path) -> None:
        self._given, self._stdin, self._stdout, self._memory = given, stdin, stdout, memory
        self._signs = Signs(unicode=given.unicode)
        self._lock = threading.RLock()
        self.printed = 0
        self._told = ""
        self._gone = self._takes = self._hung_up = False
        self._signal = 0
        self.room: Room = None  # type: ignore[assignment]

    @property
    def columns(self) -> int:
        """How wide the terminal is."""
        try:
            return max(20, os.get_terminal_size(self._stdout.fileno()).columns or 80)
        except OSError:
            return 80

    def put(self, rows: Sequence[str]) -> int:
        """Written at once; who comes while the terminal is lent waits."""
        with self._lock:
            text = "".join(f"{self._signs.safe(row)}\n" for row in rows)
            try:
                self._stdout.buffer.write(text.encode("utf-8", "replace"))
                self._stdout.flush()
            except OSError:
                # The terminal is gone; what is on its way goes on.
                self._gone = True
                return self.printed + 1
            self.printed += 1
            return self.printed

    def changed(self) -> None:
        """Say to whom a text goes, as soon as somebody is there. It moves only by `/to`: what stands in the line
        already nobody here knows."""
        with self._lock:
            focused = self.room.focused
            if not self.room.focus.chosen:
                self.room.settle_focus("", None)
                self.room.turn(0)
                focused = self.room.focused
            name = focused.name if focused is not None else ""
            if name != self._told:
                self._told = name
                gone = f"{self.room.focus.name} is gone; /to NAME chooses another"
                said = f"what you type goes to {name}; /to NAME changes that" if name else gone
                self._tell(f"({said})")

    def run(self) -> int:
        """Until it is left; the exit code."""
        try:
            with self._signals():
                self.changed()
                while (line := self._line()) is not None:
                    if self._carry_out(self._taken(line)):
                        break
                self._wait()
        except _Left as left:
            with contextlib.suppress(_Left):
                self._wait()
            return left.code
        finally:
            self.room.left()
            self.room.close(told=not self._gone)
        return 0

    def _taken(self, raw: bytes) -> Entered:
        """A signal does not cut off what its Enter has begun: the line is with its agents, or kept, before."""
        self._takes = True
        try:
            return self._entered(raw)
        finally:
            self._takes = False
            if self._signal:
                raise _Left(128 + self._signal)

    def _entered(self, raw: bytes) -> Entered:
        if len(raw) >= LONGEST:
            return Entered(kept=True, said=f"the terminal cuts a line of {LONGEST} bytes: /edit takes longer texts")
        text = raw.decode("utf-8", "surrogateescape").rstrip("\r\n")
        if text.strip():
            history.add(self._memory, text)
        return self.room.enter(text)

    def _carry_out(self, entered: Entered) -> bool:
        """Whether that was the end."""
        if entered.said:
            self._tell(plain(entered.said) + (" (nothing was sent)" if entered.kept else ""))
        if entered.edits is not None:
            found = self._lent(lambda: editing.edited(self._given, entered.edits or ""))
            if found.trouble:
                self._tell(plain(found.trouble))
            elif found.text.strip():
                return self._carry_out(self.room.enter(found.text))
        if entered.terminal:
            argv = self._given.argv(entered.terminal)
            self._lent(lambda: subprocess.run(argv, check=False))
        return entered.leaves

    def _tell(self, said: str) -> None:
        self.put(wrapped(f"  {said}", self.columns - 1))

    def _lent(self, act: Any) -> Any:
        """What is new meanwhile is written afterwards."""
        with self._lock:
            return act()

    def _line(self) -> bytes | None:
        while True:
            try:
                return self._stdin.buffer.readline() or None
            except KeyboardInterrupt:
                self.put(["  (Ctrl-D or /quit leaves; every agent goes on)"])
            except OSError:
                # The terminal is gone.
                return None

    def _wait(self) -> None:
        if self.room.owed:
            self.put(["  (waiting for what is on its way)"])
            since = clock.monotonic()

            def is_over() -> bool | None:
                # The signal may come before the terminal takes nothing any more.
                return None if waits(self.room, since, gone=self._gone or self._hung_up) else True

            clock.eventually(is_over, within=ALONE_S)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def leave(number: int, frame: FrameType | None) -> None:
            if number == signal.SIGHUP:
                # A terminal that goes may tell its leader and its foreground: the second cuts off no waiting.
                if self._hung_up:
                    return
                self._hung_up = True
            if self._takes:
                self._signal = number
                return
            raise _Left(128 + number)

        before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, was in before.items():
                signal.signal(number, was)
