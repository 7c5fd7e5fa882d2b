"""Look at the team in a thread of its own: nothing that is waited for holds up a key."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tmuxagents import clock
from tmuxagents.drivers import process
from tmuxagents.drivers.process import Process
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, TmuxagentsError
from tmuxagents.output.dashboard.graph import Node
from tmuxagents.services.app import App
from tmuxagents.services.fleet import dashboard, waiting
from tmuxagents.services.fleet.dashboard import Picture, Takes
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.value import Value, replace

Opener = Callable[[], App]

LOOK_S = 4.0
"""A controller can be killed without anything being written: it is looked after so often."""

TEAM_S = 12.0
"""The team is looked at so often where nothing is written: what happens to a window the controller writes down."""

_REST, _LEAST_REST_S, _MOST_REST_S = 7, 0.1, 2.0
"""After a look so many times what it took of the processor: fifty who work leave seven eighths of a core."""

_AGAIN_S = 2.0
"""After an error it is looked again."""


class Seen(Value):
    """A look at the team, with the tasks of the run that was asked for; what befell what it is read from."""

    picture: Picture
    graph: tuple[Node, ...] | None = None
    news: str = ""


class Team:
    """Looks whenever something is committed, and tells what it saw where that is another."""

    def __init__(
        self, opener: Opener, takes: Takes, told: Callable[[Seen], None], broke: Callable[[BaseException], None]
    ) -> None:
        self._open, self._takes, self._told, self._broke = opener, takes, told, broke
        self._over = threading.Event()
        self._wake: waiting.JournalWake | None = None
        self._run: str | None = None
        self._last: Seen | None = None
        self._news = ""
        self._remark = ""
        self._holder: Process | None = None
        self._server, self._poked = "", False
        self._thread = threading.Thread(target=self._go, name="team", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after this look; nobody waits for it."""
        self._over.set()
        self.poke()

    def poke(self) -> None:
        """Look now."""
        wake, self._poked = self._wake, True
        if wake is not None:
            wake.poke()

    def follow(self, run_id: str | None) -> None:
        """Tell the tasks of that run as well."""
        if run_id != self._run:
            self._run = run_id
            self.poke()

    def _go(self) -> None:
        try:
            while not self._over.is_set():
                self._followed()
        except BaseException as error:  # noqa: BLE001 - a bug in a thread is the program's: it ends, and is reported
            self._broke(error)

    def _followed(self) -> None:
        """Look on until something has to be opened anew."""
        try:
            with self._open() as app:
                app.tell = self._remarked
                self._looked_on(app)
        except DatabaseReplaced:
            self._news = "another database is there now: it is read anew"
        except DatabaseDamaged as error:
            self._trouble(f"{error.message}: it is being rebuilt")
            self._mend()
        except TmuxagentsError as error:
            self._trouble(error.message)
            self._over.wait(_AGAIN_S)
        except OSError as error:
            # The state directory may have been taken away, or its disk: it may come back.
            self._trouble(f"the state directory cannot be read: {error.strerror or error}")
            self._over.wait(_AGAIN_S)
        finally:
            self._wake = None

    def _mend(self) -> None:
        from tmuxagents.services.repair import rebuild

        try:
            with self._open() as app:
                rebuild.rebuild(app)
            self._news = "the database is rebuilt: tmuxagents doctor"
        except TmuxagentsError as error:
            self._trouble(error.message)
            self._over.wait(_AGAIN_S)

    def _looked_on(self, app: App) -> None:
        with waiting.journal_wake(app) as wake:
            self._wake, due = wake, 0.0
            while not self._over.is_set():
                began = time.thread_time()
                if clock.monotonic() >= due:
                    self._keep_controller(app)
                    due = clock.monotonic() + LOOK_S
                self._look(app)
                took = time.thread_time() - began
                self._over.wait(min(_MOST_REST_S, max(_LEAST_REST_S, _REST * took)))
                self._sleep(app, wake)

    def _sleep(self, app: App, wake: waiting.JournalWake) -> None:
        """Until something is written, or the team is to be looked at all the same: at once where no controller is."""
        end = clock.monotonic() + TEAM_S
        while not self._over.is_set() and not wake.wait(LOOK_S) and not self._poked:
            if clock.monotonic() >= end or self._holder is None or controller_alive.holder(app) != self._holder:
                break
        self._poked = False

    def _keep_controller(self, app: App) -> None:
        """Have a controller there where the server is; that there is another one is told."""
        if not (controller_alive.runs(app) or controller_alive.is_left(app)):
            startup.ensure_controller(app)
        holder = controller_alive.holder(app)
        if holder is None:
            return
        if self._holder is not None and holder != self._holder:
            self._news = "the controller was gone; another one runs"
        self._holder = holder

    def _look(self, app: App) -> None:
        app.tell_anew()
        self._remark = ""
        picture = dashboard.look(app, self._takes)
        if self._remark and not picture.trouble:
            picture = replace(picture, trouble=self._remark)
        if picture.server is not None:
            if self._server and not picture.server:
                self._news = "the tmux server is gone, and every window with it: tmuxagents resume --all"
            if picture.server and picture.server != self._server:
                threading.Thread(target=self._outlive, args=(picture.server,), name="server", daemon=True).start()
            self._server = picture.server
        graph = None
        if self._run is not None:
            from tmuxagents.tui.top import runs

            graph = runs.nodes(app, self._run)
        self._tell(Seen(picture, graph, self._news))
        self._news = ""

    def _outlive(self, server: str) -> None:
        """Look at once when that server has ended: nobody may be left who writes it down."""
        one = process.known(int(server.partition(".")[0]))
        if one is None or process.wait_for_end(one):
            self.poke()

    def _trouble(self, words: str) -> None:
        before = self._last or Seen(Picture(()))
        self._tell(replace(before, picture=replace(before.picture, trouble=words), news=""))

    def _tell(self, seen: Seen) -> None:
        if seen != self._last:
            self._told(seen)
        self._last = replace(seen, news="")

    def _remarked(self, words: str, hint: str) -> None:
        self._remark = words
