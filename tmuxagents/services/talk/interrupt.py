"""Stop an agent's turn."""

from __future__ import annotations

from typing import Literal

from tmuxagents.errors import Refused
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.talk import say


def interrupt(app: App, agent: Agent) -> tuple[Literal["interrupted", "not working", "unconfirmed"], Agent]:
    """Press the kind's interrupt key, where a turn runs and no dialog is open; the agent's own word
    that it has stopped makes it `interrupted`. With the agent as it was when that was decided."""
    with say.speaking(app, agent.id, within=30) as held:
        if not held:
            raise say.busy(app, agent)
        now, pane, gone = say.present(app, agent.id)
        if pane is None:
            raise Refused(gone, hint=f"tmuxagents resume {now.name}")
        if now.condition.state != "working":
            return "not working", now
        stopped = say.interrupt_turn(app, now, pane, registry.kind(now.kind))
        return ("interrupted" if stopped else "unconfirmed"), now
