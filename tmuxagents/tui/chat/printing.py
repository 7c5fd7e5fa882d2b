"""Rows of the stream that wait for their frame: as many at once as the terminal takes without keeping a key waiting."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Sequence

FRAME_S = 0.04
"""At most so often the stream is printed: 25 frames a second."""

AT_ONCE = 400
"""Rows of one frame at most. A key waits for one frame: where a line is slow it holds fewer."""

LEAST = 8
"""And at least."""

BEHIND = 4000
"""Rows that wait to be printed; whoever has more waits."""


class Printing:
    """`put` is for every thread, the rest for the one that prints, and that made this."""

    def __init__(self) -> None:
        self._rows: deque[tuple[int, str]] = deque()
        self._room_there = threading.Condition()
        self._printer = threading.get_ident()
        self._given_out = 0
        self._at_once = AT_ONCE
        self._over = False
        self.printed = 0
        """How many batches are on the screen."""

    @property
    def waits(self) -> bool:
        """Whether there is something to print."""
        return bool(self._rows)

    def put(self, rows: Sequence[str]) -> int:
        """Have them printed behind the others; the number of the batch. Waits while the terminal is far behind."""
        with self._room_there:
            # Who prints them waits for nobody.
            while len(self._rows) > BEHIND and not self._over and threading.get_ident() != self._printer:
                self._room_there.wait(1.0)
            self._given_out += 1
            self._rows += [(self._given_out, row) for row in rows]
            return self._given_out

    def next(self) -> list[str]:
        """The rows of the next frame."""
        return [row for _, row in itertools.islice(self._rows, self._at_once)]

    def done(self, count: int, took_s: float) -> None:
        """So many rows stand there; the next frame is larger, or smaller where that was slow."""
        self._at_once = max(LEAST, self._at_once // 2) if took_s > FRAME_S else min(AT_ONCE, self._at_once * 2)
        with self._room_there:
            for _ in range(count):
                self._rows.popleft()
            self.printed = (self._rows[0][0] if self._rows else self._given_out + 1) - 1
            self._room_there.notify_all()

    def close(self) -> None:
        """Nobody waits any more."""
        with self._room_there:
            self._over = True
            self._room_there.notify_all()

    def rest(self) -> list[str]:
        """What was not printed."""
        return [row for _, row in self._rows]
