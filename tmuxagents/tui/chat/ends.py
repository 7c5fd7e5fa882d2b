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

    def now(self, number: int, what: T) -> None:
        """More is known of it; nothing where it has ended."""
        with self._lock:
            if number in self._open:
                self._open[number] = what

    def end(self, number: int, tell: Callable[[], None]) -> None:
        """Tell its end, unless that was done."""
        # Who comes to tell all the others waits until this one is told.
        with self._telling:
            with self._lock:
                is_open = self._open.pop(number, None) is not None
            if is_open:
                tell()

    def end_all(self, tell: Callable[[T], None]) -> None:
        """Tell the end of each that has none: who comes later finds it told."""
        with self._telling:
            with self._lock:
                left, self._open = list(self._open.values()), {}
            for each in left:
                tell(each)
