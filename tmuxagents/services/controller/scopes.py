"""Look at what agents with a scope change, while they change something.

A look is due when one of them has just done something (a tool or a turn has ended), and each second while it works.
"""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.team import Team, Watched

EVERY_S = 1.0
"""How long something may lie there unseen while an agent works, where a look is quick."""

_SHARE = 9
"""After a look nothing is looked at for so many times as long as it took: a tenth of one core at the most."""

_FIRST_S, _LONGEST_S = 5.0, 300.0
"""After one that failed."""


def look(team: Team) -> None:
    """Begin what is due; it is done beside the loop."""
    now = clock.monotonic()
    for watched in team.watched.values():
        at = due_at(watched)
        if at is not None and at <= now and not team.beside.busy(("scope", watched.agent.id)):
            watched.seen = _sign(watched.agent)
            watched.scope_at = now
            _start(team, watched.agent)


def _start(team: Team, agent: Agent) -> None:
    from tmuxagents.services.worktrees import scoped

    team.beside.start(("scope", agent.id), lambda app: scoped.look(app, agent))


def note(team: Team, ended: Ended, agent_id: AgentId) -> None:
    """When to look again."""
    watched, now = team.watched.get(agent_id), clock.monotonic()
    if watched is None:
        return
    if ended.error is not None:
        watched.scope.lengthen(now, first=_FIRST_S, longest=_LONGEST_S)
    else:
        watched.scope.pause = 0.0
        watched.scope.until = now + _SHARE * (now - watched.scope_at)


def next_at(team: Team) -> float | None:
    """When the next look is due; the end of one that is under way wakes the controller itself."""
    due = [due_at(one) for one in team.watched.values() if not team.beside.busy(("scope", one.agent.id))]
    return min((at for at in due if at is not None), default=None)


def due_at(watched: Watched) -> float | None:
    """When to look, by the monotonic clock; None where nothing is to be seen before something happens."""
    agent = watched.agent
    if not agent.scope:
        return None
    if watched.seen != _sign(agent):
        return watched.scope.until if watched.seen or agent.condition.state not in OVER else None
    return max(watched.scope.until, watched.scope_at + EVERY_S) if agent.condition.state == "working" else None


def _sign(agent: Agent) -> str:
    """Changes with everything that it is seen to have done."""
    condition = agent.condition
    return f"{agent.generation} {condition.state} {condition.turns} {condition.evidence} {condition.since_ns}"
