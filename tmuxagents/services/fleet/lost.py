"""Notice who is lost: an agent whose window is gone, or dead without a record of its end."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents


def is_gone(agent: Agent, panes: Snapshot) -> bool:
    """Whether an agent that should run has no living window."""
    if agent.phase not in ("running", "stopping") or agent.condition.state in OVER:
        return False
    pane = panes.of(agent.id, agent.generation)
    return pane is None or pane.dead


def record_lost(app: App, snapshot: Snapshot) -> list[Agent]:
    """Agents whose window is gone, or dead without an exit record, are over; returns them.

    Called with a snapshot that tmux gave: "cannot ask" never comes here. It may be older than an
    agent's window, so where one is missing tmux is asked again, now that the agent is known to have one.
    """
    from tmuxagents.model.observation import Exit
    from tmuxagents.services.ingest import ingest

    lost: list[Agent] = []
    newer: Snapshot | None = None
    for agent in agents.at_large(app.db):
        pane = snapshot.of(agent.id, agent.generation)
        if pane is None:
            newer = newer or _again(app)
            pane = newer.of(agent.id, agent.generation) if newer is not None else None
        if newer is None and pane is None:
            return lost
        if pane is not None and not pane.dead:
            continue
        ingest.pull(app, agent, pane=pane)
        now = agents.by_id(app.db, agent.id)
        if now is None or now.generation != agent.generation or now.condition.state in OVER:
            continue
        # The starter writes its record before it ends, so a dead pane without one was killed with it.
        # One that is there and was not read waits for the last bytes of the terminal.
        if files.exists(agent_folder.exit_path(app.folder(now.id), now.generation)):
            continue
        ingest.take_in(app, now, [Exit(None, pane.dead_signal if pane else None, clock.now_ns(), gone=pane is None)])
        lost.append(now)
    return lost


def _again(app: App) -> Snapshot | None:
    try:
        return panes_now(app)
    except TmuxUnreachable:
        return None


def pull_all(app: App, known: Sequence[Agent], snapshot: Snapshot | None) -> None:
    """Read on in the sources of every agent that may have some, and record who is gone."""
    from tmuxagents.services.ingest import ingest

    for agent in known:
        pane = snapshot.of(agent.id, agent.generation) if snapshot is not None else None
        if agent.condition.state not in OVER or agent.phase == "stopping":
            ingest.pull(app, agent, pane=pane)
    if snapshot is not None:
        record_lost(app, snapshot)
