"""Whose scopes can touch the same files."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.drivers.git import checkout
from tmuxagents.model import scope
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId


def of(team: Sequence[Agent]) -> dict[AgentId, list[str]]:
    """For each live agent with a scope the names of the others of its repository that it may meet in a file."""
    live = [agent for agent in team if agent.scope and agent.condition.state not in OVER]
    if len(live) < 2:
        return {}
    # Where there is no repository the folder itself is what they share.
    places = {folder: checkout.repository(folder) or folder for folder in {agent.dir for agent in live}}
    found: dict[AgentId, list[str]] = {agent.id: [] for agent in live}
    for at, one in enumerate(live):
        for other in live[at + 1 :]:
            if places[one.dir] == places[other.dir] and scope.overlap(one.scope, other.scope):
                found[one.id].append(other.name)
                found[other.id].append(one.name)
    return {agent: names for agent, names in found.items() if names}
