"""Stop an agent's turn."""

from __future__ import annotations

import signal
from typing import Literal

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.errors import Refused
from tmuxagents.model.agent import Agent
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.done import done
from tmuxagents.services.ingest import ingest
from tmuxagents.services.talk import channels, say

_END_S = 10.0
"""How long its end is waited for: it takes half a second, and the drain of its window two."""


def interrupt(app: App, agent: Agent) -> tuple[Literal["interrupted", "not working", "unconfirmed"], Agent]:
    """Have it stopped, where a turn runs and no dialog is open; the agent's own word
    that it has stopped makes it `interrupted`. With the agent as it was when that was decided. What runs without a
    terminal ends with its turn."""
    with say.speaking(app, agent.id, within=30) as held:
        if not held:
            raise say.busy(app, agent)
        now, pane, gone = say.present(app, agent.id)
        if pane is None:
            raise Refused(gone, hint=say.way_back(now))
        if now.is_headless:
            return _ended(app, now), now
        channels.of(now)  # what cannot be spoken to is told so, whether it works or not
        if now.condition.state != "working":
            return "not working", now
        stopped = say.interrupt_turn(app, now, pane)
        return ("interrupted" if stopped else "unconfirmed"), now


def _ended(app: App, agent: Agent) -> Literal["interrupted", "unconfirmed"]:
    app.db.check_writable()
    folder = app.folder(agent.id)
    pid = agent_folder.program_pid(folder, agent.generation)
    program = process.known(pid) if pid is not None else None
    if program is not None:
        process.send([program], signal.SIGINT)
    over = agent_folder.exit_path(folder, agent.generation)
    gone = clock.eventually(lambda: files.exists(over) or None, within=_END_S)
    with done(f"{agent.name} was told to end its turn", f"tmuxagents show {agent.name}"):
        ingest.pull(app, agent)
    return "interrupted" if gone else "unconfirmed"
