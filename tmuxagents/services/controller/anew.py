"""Start those again whose program a limit has ended, when their continuation is due: once each, beside the loop.

Who starts one claims it in the transaction that settles its continuation, so of two one does it, whoever is killed.
"""

from __future__ import annotations

from functools import partial

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model import continuing
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App
from tmuxagents.services.controller.team import Team
from tmuxagents.services.ingest import budgeting
from tmuxagents.store import agents, journal, messages
from tmuxagents.store.messages import Message

PAUSE_NS = 15 * clock.SECOND
"""After a try that the machine kept from being carried out: a full disk, a tmux that does not answer."""


def begin_due(team: Team) -> None:
    """Have those started whose moment has come."""
    ended = {i for i, watched in team.watched.items() if continuing.has_ended(watched.agent.condition)}
    if not ended:
        return
    now_ns = clock.now_ns()
    for message in messages.held(team.app.db):
        if message.agent_id not in ended or message.not_before_ns > now_ns:
            continue
        agent = team.watched[message.agent_id].agent
        if continuing.key(agent) == message.key and _may_begin(agent):
            # The key of whoever is started again: while that is under way its claim is not given back.
            team.beside.start(("revive", agent.id), partial(_start, agent=agent, message=message))


def _may_begin(agent: Agent) -> bool:
    if not budgeting.has_one(agent):
        return True
    from tmuxagents.services import budgets

    return budgets.refusal(agent) is None


def _start(app: App, *, agent: Agent, message: Message) -> None:
    from tmuxagents.services.fleet import claims
    from tmuxagents.services.lifecycle import resume

    # One that was removed meanwhile is not among them.
    now = next(iter(agents.among(app.db, [agent.id])), None)
    if now is None or continuing.key(now) != message.key or not messages.is_waiting(app.db, message.id):
        return
    try:
        resume.once(app, now)
    except TmuxagentsError as error:
        _put_off(app, now, message, error, passing=claims.is_passing(error))


def _put_off(app: App, agent: Agent, message: Message, error: TmuxagentsError, *, passing: bool) -> None:
    """Try again a little later, or leave it to a person, who is told once. Where it was claimed before that failed its
    continuation is settled, and nothing of this counts."""
    now = clock.now_ns()
    with app.db.write() as tx:
        if passing:
            messages.put_off(tx, message.id, now + PAUSE_NS)
        elif messages.take(tx, message.id):
            messages.settle(tx, message.id, state="failed", verdict=error.message)
            words = f"could not go on behind its limit: {error.message}"
            journal.append(tx, agent.id, agent.generation, [NewEntry("error", words, now)])
