"""See that somebody reads on: a controller, started again where it died, else this chat. What changes is said."""

from __future__ import annotations

import contextlib
import threading

from tmuxagents.chat.shown import plain
from tmuxagents.errors import StateGone, TmuxUnreachable
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.services.server.panes import panes_now
from tmuxagents.tui.chat.front import Front, Given


class Keeper:
    """A thread with a connection of its own: what it asks of tmux may take seconds."""

    def __init__(self, given: Given, front: Front) -> None:
        self._given, self._front = given, front
        self._over = threading.Event()
        self._said = set[str]()
        self._thread = threading.Thread(target=self._run, daemon=True, name="chat keeper")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """It is not waited for: what it does another command may finish."""
        self._over.set()

    def _run(self) -> None:
        # Before somebody types a command: they are imported here.
        self._given.options("s")
        while not self._over.is_set():
            trouble = self._given.guarded(self._look_unless_gone)
            if trouble:
                self._say(trouble, trouble)
            self._over.wait(waiting.LONGEST_NAP)

    def _look_unless_gone(self) -> None:
        """Who follows the journal says that the state directory is gone, and that it is back."""
        with contextlib.suppress(StateGone):
            self._look()

    def _look(self) -> None:
        with self._given.open_app() as app:
            try:
                self._look_at(app)
            except TmuxUnreachable as error:
                self._say("tmux", _unasked(error.message))

    def _look_at(self, app: App) -> None:
        runs = controller_alive.runs(app)
        late = controller_alive.stuck_for(app) if runs else None
        if late is not None:
            # Before tmux is asked: that may be what it waits for.
            words = f"the controller is stuck (it has not turned for {late:.0f} s); this chat reads on without it"
            self._say("stuck", f"{words}: tmuxagents controller stop")
        if runs and late is None:
            # `TmuxUnreachable` where it cannot be asked: then nothing that is typed arrives.
            panes_now(app)
            self._well()
            return
        team = fleet_now(app)
        there = [agent for agent in team.agents if agent.condition.state not in ("ended", "failed", "lost", "queued")]
        if team.trouble is not None:
            self._say("tmux", _unasked(team.trouble))
        elif team.snapshot is not None and not team.snapshot.panes:
            lost = sum(agent.condition.state == "lost" for agent in team.agents)
            if lost:
                self._say("server", f"the tmux server is gone; {lost} lost: /resume --all")
            else:
                self._well()
        elif there and not runs:
            self._say("gone", "the controller is gone; this chat reads on")
            if not controller_alive.is_left(app):
                startup.ensure_controller(app)

    def _say(self, about: str, words: str) -> None:
        """Once, until all is well again."""
        if about not in self._said:
            self._said.add(about)
            self._front.put([f"  ({plain(words)})"])

    def _well(self) -> None:
        if self._said:
            self._said.clear()
            self._front.put(["  (all is well again)"])


def _unasked(why: str) -> str:
    return f"tmux cannot be asked: {why}"
