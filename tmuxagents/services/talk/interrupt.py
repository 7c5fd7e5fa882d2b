"""Stop an agent's turn."""

from __future__ import annotations

from typing import Literal

from tmuxagents.errors import Refused
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.talk import channels, say


def interrupt(app: App, agent: Agent) -> tuple[Literal["interrupted", "not working", "unconfirmed"], Agent]:
    """Have it stopped, where a turn runs and no dialog is open; the agent's own word
    that it has stopped makes it `interrupted`. With the agent as it was when that was decided."""
    with say.speaking(app, agent.id, within=30) as held:
        if not held:
            raise say.busy(app, agent)
        now, pane, gone = say.present(app, agent.id)
        if pane is None:
            raise Refused(gone, hint=say.way_back(now))
        channels.of(now)  # what cannot be spoken to is told so, whether it works or not
        if now.condition.state != "working":
            return "not working", now
        stopped = say.interrupt_turn(app, now, pane)
        return ("interrupted" if stopped else "unconfirmed"), now
