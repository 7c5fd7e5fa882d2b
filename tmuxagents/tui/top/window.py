"""Look at one window in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tmuxagents import clock
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import TmuxagentsError
from tmuxagents.names import AgentId
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import dashboard

_LEAST_REST_S, _MOST_REST_S = 0.15, 2.0
"""Between two looks, however much its program writes."""

_AGAIN_S = 4.0
"""What it writes into may not be there yet: it is looked for so often."""


class Window:
    """Shows what one agent's window shows, woken by what its program writes."""

    def __init__(
        self,
        opener: Callable[[], App],
        told: Callable[[str, Sequence[Line]], None],
        broke: Callable[[BaseException], None],
    ) -> None:
        self._open, self._told, self._broke = opener, told, broke
        self._over = threading.Event()
        self._wanted: tuple[str, int, str] | None = None
        self._wake: Wake | None = None
        self._changed = threading.Event()
        self._thread = threading.Thread(target=self._go, name="window", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; nobody waits for it."""
        self._over.set()
        self.show(None)

    def show(self, wanted: tuple[str, int, str] | None) -> None:
        """Follow that agent (its id, its generation, its pane) from now on; None nobody."""
        if wanted != self._wanted or self._over.is_set():
            self._wanted = wanted
            self._changed.set()
            if self._wake is not None:
                self._wake.poke()

    def _go(self) -> None:
        try:
            while not self._over.is_set():
                self._changed.wait()
                self._changed.clear()
                wanted = self._wanted
                if wanted is not None:
                    self._followed(*wanted)
        except BaseException as error:  # noqa: BLE001 - as in `Team`
            self._broke(error)

    def _followed(self, agent_id: str, generation: int, pane: str) -> None:
        try:
            with self._open() as app, open_wake() as wake:
                raw = agent_folder.raw_path(app.folder(AgentId(agent_id)), generation)
                self._wake = wake
                there = wake.watch(raw)
                while self._wanted == (agent_id, generation, pane) and not self._over.is_set():
                    began = clock.monotonic()
                    self._told(agent_id, dashboard.window(app, agent_id, pane))
                    if not pane:
                        return
                    # Another one is asked for at once, whatever this one writes.
                    if self._changed.wait(min(_MOST_REST_S, max(_LEAST_REST_S, 5 * (clock.monotonic() - began)))):
                        return
                    wake.wait(None if there else _AGAIN_S)
                    there = there or wake.watch(raw)
        except TmuxagentsError:
            return
        finally:
            self._wake = None
