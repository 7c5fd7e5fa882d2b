"""End the agent of a task that nobody waits for any more."""

from __future__ import annotations

import contextlib

from tmuxagents.drivers import process
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import queued, stop
from tmuxagents.services.talk import interrupt
from tmuxagents.store import agents


def end(app: App, agent: Agent) -> None:
    """Take it out of the queue, or interrupt its turn and stop its program: asked first, as `stop` does. Its
    conversation stays. One that is being started is left until it is."""
    now = agents.by_id(app.db, agent.id)
    if now is None or now.generation != agent.generation:
        return
    if now.phase == "queued" and queued.drop(app, now.id):
        return
    now = agents.by_id(app.db, agent.id)
    if now is not None and now.condition.state not in OVER and not _begins(now):
        if now.condition.state == "working" and registry.kind(now.kind).CONFIRMS:
            with contextlib.suppress(TmuxagentsError):
                interrupt.interrupt(app, now)
        asks = registry.kind(now.kind).QUIT is not None
        stop.stop(app, [now], ask=2.0 if asks else 0.0, terminate=2.0)


def _begins(agent: Agent) -> bool:
    if agent.phase == "queued":
        return True
    who = agent.claimer
    return agent.phase == "claimed" and who is not None and process.lives(process.Process(who.pid, who.mark))
