"""Deliver what was held until a turn had ended, in order, once, beside the controller's loop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.owed import is_free
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.team import Rest, Stuck, Team
from tmuxagents.services.ingest import ingest
from tmuxagents.services.server.panes import panes_now
from tmuxagents.services.talk import channels, long_text, say
from tmuxagents.store import agents, journal, messages
from tmuxagents.store.messages import Message
from tmuxagents.value import Value

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 15.0
"""How long a held message that could not be delivered waits for its next try: longer each time."""

TELL_S = 30.0
"""How long one may wait behind something before that is told, once."""

RECEIPT_S = 3.0
"""How long the receipt of a message whose deliverer was killed is waited for: Enter may have been its last act."""

_STATES = {
    "submitted": "delivered",
    "queued": "delivered",
    "held": "held",
    "refused": "held",
    "unconfirmed": "failed",
    "gone": "failed",
}


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
    ready = {
        agent_id
        for agent_id, watched in team.watched.items()
        if is_free(watched.agent.condition) and watched.delivery.until <= now
    }
    ready = {agent_id for agent_id in ready if not team.beside.busy(key(agent_id))}
    if not ready:
        return
    first: dict[AgentId, Message] = {}
    for message in messages.held(team.app.db):
        if message.agent_id in ready:
            first.setdefault(message.agent_id, message)
    for message in first.values():
        team.beside.start(key(message.agent_id), partial(_deliver, message=message))


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


def _leave_panel(app: App, *, agent: Agent) -> Left:
    return Left(say.leave_panel(app, agent, within=0))


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
    words = f"message {message.id} still waits: {why}"
    say.note(team.app, team.watched[message.agent_id].agent, words, {"message": message.id})


def _deliver(app: App, *, message: Message) -> Tried:
    why = _obstacle(app, message.agent_id)
    if why is not None:
        return Tried(message, why)
    with app.db.write() as tx:
        if not messages.take(tx, message.id):
            return Tried(message)
    try:
        verdict = say.deliver(app, message.agent_id, message.text, keep=False, within=1.0)
    except TmuxagentsError as error:
        verdict = say.Verdict("refused", error.message)
    # Refused (a dialog) and held (a person types) wait on, at their place in the queue; what the program
    # would never take does not. Where Enter was not pressed what was pasted is deleted before the next try.
    state = "failed" if verdict.never else "held" if verdict.unsent else _STATES[verdict.word]
    with app.db.write() as tx:
        messages.settle(tx, message.id, state=state, verdict=f"{verdict.word}: {verdict.evidence}")
        agent = agents.by_id(app.db, message.agent_id)
        if state == "failed" and agent is not None:
            text = f"a held message ended {verdict.word}: {verdict.evidence}: {message.text[:200]}"
            told = NewEntry("error", text, clock.now_ns(), {"digest": digest(message.text)})
            journal.append(tx, message.agent_id, agent.generation, [told])
    return Tried(message, verdict.evidence if state == "held" else None)


def _obstacle(app: App, agent_id: AgentId) -> str | None:
    """Why it is not even tried: a try at an agent that cannot take it would look at its screen for 20 s."""
    with say.speaking(app, agent_id, within=0) as free:
        if not free:
            return "somebody else is talking to it"
    agent = agents.by_id(app.db, agent_id)
    pane = panes_now(app).of(agent_id, agent.generation) if agent is not None else None
    if agent is None or pane is None or pane.dead:
        return None
    channel = channels.find(agent)
    return channel.obstacle(app, agent, pane) if channel is not None else None


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


def _recover(app: App, *, agent_id: AgentId, interrupted: Sequence[tuple[Message, int]]) -> None:
    """Delivered if the agent has it, held again if not."""

    def missing() -> list[Message]:
        agent = agents.by_id(app.db, agent_id)
        if agent is not None:
            ingest.pull(app, agent)
        return [message for message, mark in interrupted if not _has(app, message, mark)]

    def all_there() -> bool | None:
        agent = agents.by_id(app.db, agent_id)
        over = agent is None or agent.condition.state in OVER
        return True if not missing() or over else None

    clock.eventually(all_there, within=RECEIPT_S, every=0.1)
    held = {message.id for message in missing()}
    with app.db.write() as tx:
        for message, _ in interrupted:
            state = "held" if message.id in held else "delivered"
            messages.settle(tx, message.id, state=state, verdict="its deliverer was killed")


def _has(app: App, message: Message, mark: int) -> bool:
    """Whether the agent has told that it got the message, or the prompt that points to the file with it."""
    wanted = {digest(message.text)}
    if len(message.text) > app.config.paste_limit:
        wanted.add(digest(long_text.pointer(app, message.agent_id, message.text)))
    found = journal.after(app.db, mark, agents=[message.agent_id], kinds=["receipt"], limit=100_000)
    return any(entry.detail.get("digest") in wanted for entry in found)
