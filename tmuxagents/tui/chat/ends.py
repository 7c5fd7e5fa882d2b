"""What was begun, each until its end is told: once, whoever comes to tell it, and where nobody does on leaving."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Ends(Generic[T]):
    """For every thread. `tell` is called with nothing held that a drawing waits for."""

    def __init__(self) -> None:
        self._lock, self._telling = threading.Lock(), threading.Lock()
        self._numbers = itertools.count(1)
        self._open: dict[int, T] = {}
        self._taken = set[int]()

    @property
    def open(self) -> list[T]:
        """What has not ended, oldest first."""
        with self._lock:
            return list(self._open.values())

    def begin(self, what: T) -> int:
        """The number that it ends by."""
        number = next(self._numbers)
        with self._lock:
            self._open[number] = what
        return number

    def take(self, number: int) -> bool:
        """Have it for oneself: False where somebody else has, or it has ended."""
        with self._lock:
            if number not in self._open or number in self._taken:
                return False
            self._taken.add(number)
            return True

    def take_rest(self) -> dict[int, T]:
        """Have all that nobody has, oldest first."""
        with self._lock:
            rest = {number: what for number, what in self._open.items() if number not in self._taken}
            self._taken.update(rest)
            return rest

    @property
    def taken(self) -> int:
        """How many somebody has that have not ended."""
        with self._lock:
            return len(self._taken)

    def now(self, number: int, what: T) -> None:
        """More is known of it; nothing where it has ended."""
        with self._lock:
            if number in self._open:
                self._open[number] = what

    def end(self, number: int, tell: Callable[[], object]) -> None:
        """Tell its end, unless that was done."""
        # Who comes to tell all the others waits until this one is told.
        with self._telling:
            with self._lock:
                is_open = self._open.pop(number, None) is not None
                self._taken.discard(number)
            if is_open:
                tell()

    def end_all(self, tell: Callable[[T], object]) -> None:
        """Tell the end of each that has none: who comes later finds it told."""
        with self._telling:
            with self._lock:
                left, self._open = list(self._open.values()), {}
                self._taken.clear()
            for each in left:
                tell(each)
