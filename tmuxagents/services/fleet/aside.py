"""Keep agents first, or have those that have finished leave the list; their records stay as they are."""

from __future__ import annotations

from tmuxagents.errors import Refused
from tmuxagents.model import dismissal
from tmuxagents.model.agent import Agent
from tmuxagents.model.dismissal import Dismissal
from tmuxagents.services.app import App
from tmuxagents.services.ingest import agent_file
from tmuxagents.store import agents


def pin(app: App, agent: Agent, *, pinned: bool) -> bool:
    """Keep it first among its equals, or no more; False where it is so already. Who is pinned shows again."""
    with app.db.write() as tx:
        now = agents.in_transaction(tx, agent.id)
        changes = now.pinned != pinned or (pinned and now.dismissal is not None)
        if changes:
            agents.pin(tx, agent.id, pinned)
    if changes:
        agent_file.keep(app, agent.id)
    return changes


def dismiss(app: App, agent: Agent) -> bool:
    """Have it leave the list until something comes of it; False where it has already. `Refused` where it works or
    needs somebody, as it is in this very transaction."""
    with app.db.write() as tx:
        now = agents.in_transaction(tx, agent.id)
        if not may_leave(now):
            raise _stays(now)
        changes = not now.is_dismissed
        if changes:
            how = Dismissal(now.generation, now.condition.turn, now.condition.state)
            agents.dismiss(tx, agent.id, how)
    if changes:
        agent_file.keep(app, agent.id)
    return changes


def take_back(app: App, agent: Agent) -> bool:
    """Have it in the list again; False where it is."""
    with app.db.write() as tx:
        now = agents.in_transaction(tx, agent.id)
        changes = now.is_dismissed
        if changes:
            agents.dismiss(tx, agent.id, None)
    if changes:
        agent_file.keep(app, agent.id)
    return changes


def may_leave(agent: Agent) -> bool:
    """Whether it has finished, as far as is known."""
    return agent.phase not in ("queued", "claimed") and dismissal.is_finished(agent.condition)


def _stays(now: Agent) -> Refused:
    if now.condition.dialog is not None:
        words = f"{now.name} {now.condition.words}: who needs you stays in the list"
        return Refused(words, hint=f"tmuxagents show {now.name}")
    state = "still at work" if now.condition.state in ("idle", "ended") else now.condition.state
    return Refused(f"{now.name} is {state}: only who has finished is dismissed", hint=f"tmuxagents show {now.name}")
