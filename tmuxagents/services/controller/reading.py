"""Read on in the sources of the agents that have said something."""

from __future__ import annotations

import contextlib

from tmuxagents import clock
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import folding, registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.observation import Screen
from tmuxagents.services.controller import projects, runs
from tmuxagents.services.controller.isolation import alone
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.services.controller.watching import INDEX_S, watch
from tmuxagents.services.ingest import ingest
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents


def read(team: Team) -> None:
    now = clock.monotonic()
    for watched in list(team.watched.values()):
        if watched.read.until > now:
            continue
        due = folding.due_in(registry.kind(watched.agent.kind), watched.agent.condition, clock.now_ns())
        if watched.dirty or due == 0.0:
            with alone(team, watched):
                pull(team, watched, None)
                watched.read.pause = 0.0


def pull(team: Team, watched: Watched, screen: Screen | None) -> None:
    app, agent = team.app, watched.agent
    pane = team.panes.of(agent.id, agent.generation)
    if pane is None and watched.terminal and agent.condition.state not in OVER:
        # Its window is newer than our look at them; without it a screen would be read after the end.
        with contextlib.suppress(TmuxagentsError):
            team.panes = panes_now(app)
        pane = team.panes.of(agent.id, agent.generation)
    # One chunk at a time, so that an agent that never stops keeps nobody else waiting.
    added, watched.dirty = ingest.pull_chunk(app, agent, pane=pane, screen=screen)
    if added:
        team.index_at = clock.monotonic() + INDEX_S
    now = agents.by_id(app.db, agent.id)
    if now is None:
        return
    # Somebody else may have read it, who wanted its evidence at once.
    if added or now.condition != agent.condition:
        projects.note_said(team, now)
        runs.note_said(team, now)
    if now.condition.state in OVER and agent.condition.state not in OVER and pane is not None:
        _save_screen(team, now, pane)
    watched.agent = now
    watch(team, watched)


def _save_screen(team: Team, agent: Agent, pane: PaneNow) -> None:
    from tmuxagents.services.lifecycle import stop as stopping

    team.beside.start(("screen", agent.id), lambda app: stopping.save_screen(app, agent, pane))
