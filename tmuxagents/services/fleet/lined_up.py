"""What is said of those that wait for room: their place in the line, and what holds it back."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.model import room
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.server import controller_alive
from tmuxagents.store import queue
from tmuxagents.value import replace


def told(app: App, known: Sequence[Agent]) -> list[Agent]:
    """The same, each that is queued with its place as its reason: nothing of this is recorded, every start changes the
    places of all."""
    line = queue.line(app.db)
    reasons = {one.agent_id: room.told(place, one.held or one.why) for place, one in enumerate(line, 1)}
    return [_with(agent, reasons.get(agent.id)) if agent.phase == "queued" else agent for agent in known]


def _with(agent: Agent, reason: str | None) -> Agent:
    return replace(agent, condition=replace(agent.condition, reason=reason))


def place(app: App, agent_id: AgentId) -> str:
    """`3rd; max_agents = 4`: where it stands in the line, and why; empty where it waits no more."""
    line = queue.line(app.db)
    number = queue.place_of(line, agent_id)
    if not number:
        return ""
    why = line[number - 1].held or line[number - 1].why
    return room.ordinal(number) + (f"; {why}" if why else "")


def remark_unattended(app: App, known: Sequence[Agent]) -> None:
    """That nobody begins them, where no controller runs."""
    count = sum(agent.phase == "queued" for agent in known)
    if count and not controller_alive.is_up(app):
        words = f"{count} {'agent is' if count == 1 else 'agents are'} queued, and no controller runs that begins them"
        app.remark(words, "tmuxagents controller start")
