"""Stop the turn that passes its agent's budget, where that is wanted."""

from __future__ import annotations

from functools import partial

from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.controller.team import Team, Watched


def look(team: Team) -> None:
    """Of each agent that is to be stopped: the turn in which its budget was reached, and none that a person began
    behind that."""
    for watched in team.watched.values():
        if watched.agent.options.get("budget_interrupt") and _is_due(watched):
            watched.over_turn = watched.agent.condition.turn
            agent = watched.agent
            team.beside.start(("interrupt", agent.id), partial(_stop, agent=agent))


def _is_due(watched: Watched) -> bool:
    now = watched.agent.condition
    return now.state == "working" and now.reached_in == now.turn and watched.over_turn != now.turn


def _stop(app: App, *, agent: Agent) -> None:
    from tmuxagents.services import budgets
    from tmuxagents.services.talk import interrupt, say

    # Raised meanwhile: it goes on.
    if budgets.refuse(app, agent) is None:
        return
    word, now = interrupt.interrupt(app, agent)
    if word == "interrupted":
        say.note(app, now, "stopped: its budget is reached", {"budget": "stopped"})
