"""Look at the screens that have changed."""

from __future__ import annotations

import contextlib

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.model.condition import OVER
from tmuxagents.model.observation import Screen
from tmuxagents.services import agent_folder
from tmuxagents.services.controller.isolation import alone
from tmuxagents.services.controller.reading import pull
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.services.ingest import pane_output
from tmuxagents.store import sources as positions

LOOK_S = 0.15
"""How long a screen must have been still before it is looked at; a moving one is looked at once a second."""

MOVING_S = 1.0


def due_at(watched: Watched) -> float:
    """A still screen soon, a moving one (a spinner) once a second."""
    assert watched.changed_at is not None
    return min(watched.changed_at + LOOK_S, max(watched.looked_at + MOVING_S, watched.changed_at))


def look(team: Team, now: float) -> None:
    """Look at the screens that have changed, all in one call."""
    due = [w for w in team.watched.values() if w.changed_at is not None and due_at(w) <= now]
    wanted: dict[str, Watched] = {}
    for watched in due:
        if watched.terminal:
            # Its own reader looks, twice: once moving, once still.
            watched.dirty = True
            watched.changed_at = now if _moves(team, watched) else None
            watched.looked_at = now
            continue
        pane = team.panes.of(watched.agent.id, watched.agent.generation)
        watched.changed_at, watched.looked_at = None, now
        if watched.agent.condition.state in OVER:
            continue
        if pane is None:
            # Its window is newer than our list of panes: a new list first, then the look.
            watched.changed_at, team.checked_at = now, 0.0
        elif not pane.dead:
            wanted[pane.pane] = watched
    if not wanted:
        return
    # A hook that comes while tmux answers is later than what is on the screens.
    at_ns = clock.now_ns()
    with contextlib.suppress(TmuxUnreachable):
        for pane_id, rows in keyboard.screens(team.app.server, list(wanted)).items():
            watched = wanted[pane_id]
            with alone(team, watched):
                reading = registry.kind(watched.agent.kind).read_screen(rows)
                if reading.dialog is None and reading.draft == "":
                    # What its delivery waited for may have gone.
                    watched.delivery.until = 0.0
                pull(team, watched, Screen(reading, at_ns))


def _moves(team: Team, watched: Watched) -> bool:
    agent = watched.agent
    position = positions.of(team.app.db, agent.id).get(pane_output.source(agent.generation))
    if position is None:
        return False
    raw = agent_folder.raw_path(team.app.folder(agent.id), agent.generation)
    return pane_output.wants_look(position.memory, files.size(raw), position.position)
