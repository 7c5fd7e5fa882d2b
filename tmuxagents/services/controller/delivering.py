"""One try to deliver what was held, and what became of those whose deliverer was killed.

Nothing of this is loaded before something is held: the outbox says when.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError, Unrecorded
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller import limits
from tmuxagents.services.controller.outbox import Left, Tried
from tmuxagents.services.ingest import ingest
from tmuxagents.services.server.panes import panes_now
from tmuxagents.services.talk import arrived, channels, keyboard, say, terminal
from tmuxagents.store import agents, journal, messages
from tmuxagents.store.messages import Message

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


def leave_panel(app: App, *, agent: Agent) -> Left:
    return Left(say.leave_panel(app, agent, within=0))


def deliver(app: App, *, message: Message) -> Tried:
    why = _obstacle(app, message.agent_id, ours=message.key is not None)
    if why is not None:
        if messages.obstacles(app.db, [message.id]).get(message.id) != why:
            with app.db.write() as tx:
                messages.note_obstacle(tx, message.id, why)
        return Tried(message, why)
    with app.db.write() as tx:
        if not messages.take(tx, message.id):
            return Tried(message)
    try:
        unless = partial(limits.passed, message=message)
        verdict = say.deliver(app, message.agent_id, message.text, keep=False, within=1.0, unless=unless)
    except TmuxagentsError as error:
        verdict = say.Verdict("refused", error.message)
    if verdict.trouble:
        # Claimed it stays: what became of it is found out like what a killed deliverer left (`recover`).
        raise Unrecorded(f"message {message.id}: {verdict.evidence}", hint="tmuxagents ls")
    # Refused (a dialog) and held (a person types) wait on, at their place in the queue; what the program
    # would never take does not. Where Enter was not pressed what was pasted is deleted before the next try.
    state = "failed" if verdict.never else "held" if verdict.unsent else _STATES[verdict.word]
    if state == "failed" and message.key is not None and verdict.never:
        state = "dropped"
    with app.db.write() as tx:
        messages.settle(tx, message.id, state=state, verdict=f"{verdict.word}: {verdict.evidence}")
        agent = agents.by_id(app.db, message.agent_id)
        if state == "failed" and agent is not None:
            text = f"a held message ended {verdict.word}: {verdict.evidence}: {message.text[:200]}"
            told = NewEntry("error", text, clock.now_ns(), {"digest": digest(message.text)})
            journal.append(tx, message.agent_id, agent.generation, [told])
    return Tried(message, verdict.evidence if state == "held" else None)


def _obstacle(app: App, agent_id: AgentId, *, ours: bool) -> str | None:
    """Why it is not even tried: a try at an agent that cannot take it would look at its screen for 20 s. What is `ours`
    takes no person's draft out of the box, however long nobody has touched it."""
    with say.speaking(app, agent_id, within=0) as free:
        if not free:
            return "somebody else is talking to it"
    agent = agents.by_id(app.db, agent_id)
    pane = panes_now(app).of(agent_id, agent.generation) if agent is not None else None
    if agent is None or pane is None or pane.dead:
        return None
    channel = channels.find(agent)
    if channel is None:
        return None
    why = channel.obstacle(app, agent, pane)
    if why is None and ours and channel is keyboard and terminal.of(app, agent, pane).look().reading.draft:
        return "somebody has begun a text in its input box"
    return why


def recover(app: App, *, agent_id: AgentId, interrupted: Sequence[tuple[Message, int]]) -> None:
    """Delivered if the agent has it, held again if not."""

    def missing() -> list[Message]:
        agent = agents.by_id(app.db, agent_id)
        if agent is not None:
            ingest.pull(app, agent)
        return [message for message, mark in interrupted if not arrived.has(app, agent_id, message.text, mark)]

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
