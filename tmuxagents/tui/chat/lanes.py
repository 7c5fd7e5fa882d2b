"""One line of work for each agent: what is said to one arrives in order, and nobody waits for another's."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Hashable

Job = Callable[[], None]


class Lanes:
    """Threads by a key, begun when there is something to do and gone when there is not. `guarded` does a job and says
    what was wrong, which is `told`: no job ends its lane."""

    def __init__(self, guarded: Callable[[Job], str], told: Callable[[str], None]) -> None:
        self._guarded, self._told = guarded, told
        self._lock = threading.Lock()
        self._lanes: dict[Hashable, deque[Job]] = {}

    def add(self, key: Hashable, job: Job) -> None:
        """Have it done behind what the lane has to do already."""
        with self._lock:
            lane = self._lanes.get(key)
            if lane is not None:
                lane.append(job)
                return
            self._lanes[key] = deque([job])
        try:
            threading.Thread(target=self._work, args=(key,), daemon=True, name=f"chat {key}").start()
        except RuntimeError:
            # No more threads are to be had: late is better than never.
            self._work(key)

    @property
    def owed(self) -> int:
        """How many jobs are not done."""
        with self._lock:
            return sum(map(len, self._lanes.values()))

    def _work(self, key: Hashable) -> None:
        while True:
            with self._lock:
                lane = self._lanes[key]
                if not lane:
                    del self._lanes[key]
                    return
                job = lane[0]
            try:
                self._do(job)
            finally:
                with self._lock:
                    lane.popleft()

    def _do(self, job: Job) -> None:
        try:
            trouble = self._guarded(job)
            if trouble:
                self._told(trouble)
        except BaseException as error:  # noqa: BLE001 - what would end this thread would end all that waits in its lane
            with contextlib.suppress(BaseException):
                self._told(f"a bug: {type(error).__name__}: {error}")
