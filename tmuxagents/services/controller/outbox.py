"""Deliver what was held until a turn had ended, in order, once, beside the controller's loop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition
from tmuxagents.model.owed import is_free
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.team import Rest, Stuck, Team
from tmuxagents.services.ingest import budgeting
from tmuxagents.store import journal, messages
from tmuxagents.store.messages import Message
from tmuxagents.value import Value

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 15.0
"""How long a held message that could not be delivered waits for its next try: longer each time."""

TELL_S = 30.0
"""How long one may wait behind something before that is told, once."""


class Tried(Value):
    """What became of a message; `waits` when it is held as before, for that reason."""

    message: Message
    waits: str | None = None


class Left(Value):
    """Whether the panel that stood in the way has gone."""

    gone: bool


def key(agent_id: AgentId) -> tuple[str, AgentId]:
    """Under which a delivery to that agent runs beside the loop: never two at once."""
    return "deliver", agent_id


def deliver_due(team: Team) -> None:
    """The oldest held message of each agent that is ready; the next one after that turn."""
    now = clock.monotonic()
    if team.recover_at is not None and team.recover_at <= now:
        _recover_due(team)
    _leave_panels(team, now)
    now_ns = clock.now_ns()
    ready = {
        agent_id
        for agent_id, watched in team.watched.items()
        if is_free(watched.agent.condition) and watched.delivery.until <= now and _may_begin(watched.agent, now_ns)
    }
    ready = {agent_id for agent_id in ready if not team.beside.busy(key(agent_id))}
    if not ready:
        return
    first: dict[AgentId, Message] = {}
    for message in messages.held(team.app.db):
        if message.agent_id in ready and message.not_before_ns <= now_ns:
            first.setdefault(message.agent_id, message)
    for message in first.values():
        team.beside.start(key(message.agent_id), partial(_deliver, message=message))


def _may_begin(agent: Agent, now_ns: int) -> bool:
    """Whether a turn may begin: a limit is waited out where its end is known, and a budget that is reached is raised
    before."""
    resets = agent.condition.resets_ns
    if agent.condition.state == "limited" and resets is not None and resets > now_ns:
        return False
    if not budgeting.has_one(agent):
        return True
    from tmuxagents.services import budgets

    return budgets.refusal(agent) is None


def _leave_panels(team: Team, now: float) -> None:
    """What a command opened at the end of a turn, nobody has closed, and a text waits behind."""
    standing = [w for w in team.watched.values() if _shows_panel(w.agent.condition) and w.delivery.until <= now]
    if not standing:
        return
    behind = {message.agent_id for message in messages.held(team.app.db)}
    for agent in (watched.agent for watched in standing):
        waits = agent.condition.queued > 0 or agent.id in behind
        if waits and not team.beside.busy(key(agent.id)):
            team.beside.start(key(agent.id), partial(_leave_panel, agent=agent))


def _shows_panel(condition: Condition) -> bool:
    return condition.state == "waiting" and condition.dialog is not None and condition.dialog.asks_nothing


def note(team: Team, agent_id: AgentId, ended: Ended) -> None:
    """Take in how a delivery beside the loop has ended: when the next try is, what is to be told."""
    now = clock.monotonic()
    watched = team.watched.get(agent_id)
    if ended.error is not None:
        # What it had claimed is recovered like what a killed deliverer left.
        team.recover_at = now + LONGEST_PAUSE_S
    if watched is None:
        return
    watched.dirty = True
    if isinstance(ended.result, Left) and not ended.result.gone:
        watched.delivery.lengthen(now, first=FIRST_PAUSE_S, longest=LONGEST_PAUSE_S)
        return
    if not isinstance(ended.result, Tried) or ended.result.waits is None:
        watched.delivery, watched.stuck = Rest(), None
        return
    tried, waits = ended.result, ended.result.waits
    watched.delivery.lengthen(now, first=FIRST_PAUSE_S, longest=LONGEST_PAUSE_S)
    if watched.stuck is None or watched.stuck.message != tried.message.id:
        watched.stuck = Stuck(tried.message.id, now)
    if not watched.stuck.told and now - watched.stuck.since >= TELL_S:
        watched.stuck.told = True
        _tell(team, tried.message, waits)


def _tell(team: Team, message: Message, why: str) -> None:
    """Once, whoever controls."""
    notes = journal.newest(team.app.db, 100, agents=[message.agent_id], kinds=["note"])
    if any(entry.detail.get("message") == message.id for entry in notes):
        return
    from tmuxagents.services.talk import say

    words = f"message {message.id} still waits: {why}"
    say.note(team.app, team.watched[message.agent_id].agent, words, {"message": message.id})


def _recover_due(team: Team) -> None:
    """Messages whose deliverer was killed, by agent: each agent's are looked into beside the loop."""
    team.recover_at = None
    left: dict[AgentId, list[tuple[Message, int]]] = {}
    for message, mark in messages.interrupted(team.app.db):
        left.setdefault(message.agent_id, []).append((message, mark))
    for agent_id, interrupted in left.items():
        if team.beside.busy(key(agent_id)):
            # It is being delivered, or will be looked at again.
            continue
        team.beside.start(key(agent_id), partial(_recover, agent_id=agent_id, interrupted=interrupted))


def _deliver(app: App, *, message: Message) -> Tried:
    from tmuxagents.services.controller import delivering

    return delivering.deliver(app, message=message)


def _leave_panel(app: App, *, agent: Agent) -> Left:
    from tmuxagents.services.controller import delivering

    return delivering.leave_panel(app, agent=agent)


def _recover(app: App, *, agent_id: AgentId, interrupted: Sequence[tuple[Message, int]]) -> None:
    from tmuxagents.services.controller import delivering

    delivering.recover(app, agent_id=agent_id, interrupted=interrupted)
