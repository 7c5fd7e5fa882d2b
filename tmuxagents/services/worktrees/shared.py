"""Who works in a folder, or in the same checkout as another."""

from __future__ import annotations

from tmuxagents.drivers.git import checkout
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services.app import App
from tmuxagents.store import agents


def others(app: App, agent: Agent) -> list[str]:
    """The names of those whose program runs in the work tree that the agent is in. What a program of the user's own
    choice does there is not known."""
    place = checkout.work_tree(agent.dir)
    if place is None or registry.kind(agent.kind).TAKES_PROGRAM:
        return []
    live = [one for one in agents.known(app.db) if one.id != agent.id and one.condition.state not in OVER]
    live = [one for one in live if not registry.kind(one.kind).TAKES_PROGRAM]
    return [one.name for one in live if checkout.work_tree(one.dir) == place]
