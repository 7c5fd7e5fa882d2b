"""See that somebody reads on: a controller, started again where it died, else this chat. What changes is said."""

from __future__ import annotations

import threading

from tmuxagents.chat.shown import plain
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.tui.chat.front import Front, Given


class Keeper:
    """A thread with a connection of its own: what it asks of tmux may take seconds."""

    def __init__(self, given: Given, front: Front) -> None:
        self._given, self._front = given, front
        self._over = threading.Event()
        self._said = ""
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
            trouble = self._given.guarded(self._look)
            if trouble:
                self._say(trouble)
            self._over.wait(waiting.LONGEST_NAP)

    def _look(self) -> None:
        with self._given.open_app() as app:
            self._look_at(app)

    def _look_at(self, app: App) -> None:
        if controller_alive.turns_on(app):
            self._say("")
            return
        team = fleet_now(app)
        there = [agent for agent in team.agents if agent.condition.state not in ("ended", "failed", "lost", "queued")]
        if team.trouble is not None:
            self._say(f"tmux cannot be asked: {team.trouble}")
        elif team.snapshot is not None and not team.snapshot.panes:
            lost = sum(agent.condition.state == "lost" for agent in team.agents)
            self._say(f"the tmux server is gone; {lost} lost: /resume --all" if lost else "")
        elif there:
            self._say("the controller is gone; this chat reads on")
            if not controller_alive.is_left(app):
                startup.ensure_controller(app)

    def _say(self, words: str) -> None:
        """Each change once."""
        before, self._said = self._said, words
        if words != before:
            self._front.put([f"  ({plain(words)})" if words else "  (all is well again)"])
