"""The newest look alone waits to be drawn: while the terminal is another's nobody draws."""

from __future__ import annotations

import threading

from tmuxagents.tui.top.looking import Seen
from tmuxagents.value import replace


class Newest:
    """Put by one thread, taken by another. What befell is in the look that waits, whichever that is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: Seen | None = None

    def put(self, seen: Seen) -> bool:
        """Whether none waited: somebody is to be asked to take it."""
        with self._lock:
            before, self._seen = self._seen, seen
            if before is not None and not seen.news:
                self._seen = replace(seen, news=before.news)
        return before is None

    def take(self) -> Seen | None:
        """The one that waits."""
        with self._lock:
            seen, self._seen = self._seen, None
        return seen
