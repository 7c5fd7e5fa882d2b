"""Who uses this command line: the person at a terminal, or an agent from its own shell.

The kernel says it: a process in an agent's window has the window's program among its parents, or the window's
terminal as its own. Both hold whatever it has set and unset; the variable TMUXAGENTS_NAME is asked behind them, for
what has left its parents and its terminal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from tmuxagents.drivers import process, tty
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents


def agent(app: App, panes: Snapshot | None = None) -> str | None:
    """The agent in whose window this runs; None for a person's. Without a snapshot that was just taken the window's
    program is the one that is recorded."""
    found = _in_window(app, panes)
    return found.name if found is not None else os.environ.get("TMUXAGENTS_NAME") or None


def record(app: App) -> Agent | None:
    """The same as the agent itself; the variable counts where an agent of the lists is called so."""
    found = _in_window(app, None)
    named = os.environ.get("TMUXAGENTS_NAME") if found is None else None
    return next((one for one in agents.known(app.db) if one.name == named), None) if named else found


def _in_window(app: App, panes: Snapshot | None) -> Agent | None:
    mine = frozenset(process.ancestors())
    for agent_id, pid, terminal in _recorded(app) if panes is None else _shown(panes):
        if pid in mine or (terminal and tty.is_controlled_by(terminal)):
            found = agents.by_id(app.db, agent_id)
            if found is not None:
                return found
    return None


def name(app: App, panes: Snapshot | None = None) -> str:
    """`agent-2`, `you on pts/3`, or `you` where there is no terminal."""
    terminal = tty.mine()
    return agent(app, panes) or (f"you on {terminal}" if terminal is not None else "you")


def _shown(panes: Snapshot) -> Iterator[tuple[AgentId, int, str]]:
    for pane in panes.panes.values():
        if pane.agent_id:
            yield AgentId(pane.agent_id), pane.pid, pane.tty


def _recorded(app: App) -> Iterator[tuple[AgentId, int, str]]:
    for one in agents.known(app.db):
        # What has ended may have left its pid to somebody else.
        if one.place is not None and one.condition.state not in OVER:
            yield one.id, one.place.pid, ""
