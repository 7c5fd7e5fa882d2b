"""Have pull requests looked at beside the loop, each when it is due: the loop waits neither for `gh` nor a network."""

from __future__ import annotations

from functools import partial

from tmuxagents import clock
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.team import Team
from tmuxagents.store import pulls


def watch(team: Team) -> None:
    """Start what is due and is not under way, and note when the next is."""
    now, now_ns = clock.monotonic(), clock.now_ns()
    team.pull_at = None
    for agent_id, pull in pulls.watched(team.app.db).items():
        one, key = team.watched.get(agent_id), ("pull", agent_id)
        if one is None or team.beside.busy(key):
            continue
        if one.agent.condition.state in OVER:
            if not pull.paused and team.pulling.until <= now:
                team.beside.start(key, partial(_pause, agent_id=agent_id))
            continue
        # What is due later than its pause says was noted before the clock was set back.
        left = min((pull.next_ns - now_ns) / clock.SECOND, pull.pause_s) if not pull.paused else 0.0
        at = max(now + left, team.pulling.until)
        if at > now:
            team.pull_at = at if team.pull_at is None else min(at, team.pull_at)
        else:
            team.beside.start(key, partial(_look, agent_id=agent_id))


def _look(app: App, *, agent_id: AgentId) -> None:
    from tmuxagents.services.pulls import looking

    looking.look(app, agent_id)


def _pause(app: App, *, agent_id: AgentId) -> None:
    from tmuxagents.services.pulls import watching

    watching.pause(app, agent_id)


def note(team: Team, ended: Ended) -> None:
    """After an error of ours (no room, a database that is busy) all rest for a moment."""
    if ended.error is not None:
        team.pulling.lengthen(clock.monotonic(), first=1.0, longest=60.0)
    else:
        team.pulling.pause = 0.0
