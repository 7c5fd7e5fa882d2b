"""How many deliveries are under way at once: `@all` to fifty agents is not fifty looks at fifty screens."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from tmuxagents import clock

MOST = 8
"""Each looks at a screen, runs tmux and has an inotify instance of its own, of which the kernel gives a user 128."""

STUCK_S = 2.0
"""Who has a place for longer counts no more: nobody waits for one agent."""


class Places:
    """For every thread."""

    def __init__(self, most: int = MOST, stuck: float = STUCK_S) -> None:
        self._most, self._stuck = most, stuck
        self._free = threading.Condition()
        self._since: dict[object, float] = {}

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Wait for one, and have it."""
        mine = object()
        with self._free:
            while (wait := self._wait_s()) > 0:
                self._free.wait(wait)
            self._since[mine] = clock.monotonic()
        try:
            yield
        finally:
            with self._free:
                del self._since[mine]
                self._free.notify()

    def _wait_s(self) -> float:
        """How long until one is given up at the latest; 0 where one is free."""
        now = clock.monotonic()
        counted = [since for since in self._since.values() if now - since < self._stuck]
        return 0.0 if len(counted) < self._most else min(counted) + self._stuck - now
