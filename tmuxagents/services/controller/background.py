"""Do beside the controller's loop what may take long: one thing at a time for each key.

The loop starts it and goes on; it is woken when something has ended, and is handed what came of it.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Hashable
from threading import Thread

from tmuxagents import clock
from tmuxagents.drivers.wake import Wake
from tmuxagents.services.app import App
from tmuxagents.value import Value

LIMIT = 16
"""How many run at once; more wait for their turn. Each may use tmux and the database, which serve one at a time."""

Act = Callable[[App], object]


class Ended(Value):
    """What an act returned, or the error that it ended with."""

    key: Hashable
    result: object = None
    error: Exception | None = None


class Beside:
    """The acts under way. The loop's thread owns it; each act has a thread and a database connection of its own."""

    def __init__(self, app: App, wake: Wake) -> None:
        self._app, self._wake = app, wake
        self._waiting: deque[tuple[Hashable, Act]] = deque()
        self._running: dict[Hashable, Thread] = {}
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()

    def start(self, key: Hashable, act: Act) -> bool:
        """Have it done; False, and nothing done, while something of that key is under way."""
        if self.busy(key):
            return False
        self._waiting.append((key, act))
        self._start_next()
        return True

    def busy(self, key: Hashable) -> bool:
        """Whether something of that key is under way, or waits for its turn."""
        return key in self._running or any(key == waiting for waiting, _ in self._waiting)

    def ended(self) -> list[Ended]:
        """What has ended since the last question."""
        found: list[Ended] = []
        while True:
            try:
                one = self._ended.get_nowait()
            except queue.Empty:
                break
            self._running.pop(one.key, None)
            found.append(one)
        self._start_next()
        return found

    def finish(self, within: float) -> None:
        """Start nothing more, and give what is under way so long to end."""
        self._waiting.clear()
        end = clock.monotonic() + within
        for thread in self._running.values():
            thread.join(max(0.0, end - clock.monotonic()))

    def _start_next(self) -> None:
        while self._waiting and len(self._running) < LIMIT:
            key, act = self._waiting.popleft()
            # A daemon: one that is stuck must not keep the controller from ending.
            thread = self._running[key] = Thread(target=self._carry_out, args=(key, act), daemon=True)
            thread.start()

    def _carry_out(self, key: Hashable, act: Act) -> None:
        try:
            with App(state=self._app.state, server=self._app.server) as app:
                ended = Ended(key, act(app))
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it: the loop judges what it was
            ended = Ended(key, error=error)
        self._ended.put(ended)
        self._wake.poke()
