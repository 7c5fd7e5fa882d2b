"""Finish or undo what was claimed and never recorded, because the one who claimed it was killed."""

from __future__ import annotations

from dataclasses import replace

from tmuxagents import clock
from tmuxagents.drivers.tmux import window
from tmuxagents.drivers.tmux.snapshot import PaneNow, Snapshot
from tmuxagents.model.agent import Agent, Place
from tmuxagents.model.entry import Draft
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents, journal

PATIENCE_S = 60.0
"""How long a start may take before its claim counts as abandoned."""


def finish_claims(app: App, panes: Snapshot) -> None:
    """A claimed agent whose window is there is running; one without is failed after `PATIENCE_S`.

    A dead window of an agent that was never recorded is closed: tmux opened it after its start was given up.
    """
    for late in panes.panes.values():
        if late.agent_id and late.dead and agents.by_id(app.db, AgentId(late.agent_id)) is None:
            window.close(app.server, late.window)
    for agent in agents.known(app.db):
        if agent.phase != "claimed":
            continue
        age = (clock.now_ns() - agent.started_ns) / clock.SECOND
        pane = panes.of(agent.id, agent.generation)
        if pane is not None and age > 2.0:
            _adopt(app, agent, pane, panes.server)
        elif pane is None and age > PATIENCE_S:
            _undo(app, agent)


def _adopt(app: App, agent: Agent, pane: PaneNow, server: str) -> None:
    with app.db.write() as tx:
        agents.place(tx, agent.id, Place(server, pane.window, pane.pane, pane.pid), phase="running")


def _undo(app: App, agent: Agent) -> None:
    now = clock.now_ns()
    evidence = "its start was interrupted before it had a window"
    with app.db.write() as tx:
        failed = replace(agents.condition_of(tx, agent.id), state="failed", since_ns=now, evidence=evidence)
        agents.set_condition(tx, agent.id, failed)
        agents.set_phase(tx, agent.id, "stopped")
        journal.append(tx, agent.id, agent.generation, [Draft("error", evidence, now)])
