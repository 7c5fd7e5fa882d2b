"""Deliver what was held until a turn had ended, in order, once."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.condition import READY
from tmuxagents.model.entry import Draft
from tmuxagents.names import AgentId
from tmuxagents.services import follow
from tmuxagents.services.app import App
from tmuxagents.services.talk import say
from tmuxagents.services.watched import Team
from tmuxagents.store import agents, journal, messages

AGAIN_S = 5.0
"""How long a held message that could not be delivered waits for its next try."""

_STATES = {
    "submitted": "delivered",
    "queued": "delivered",
    "held": "held",
    "refused": "held",
    "unconfirmed": "failed",
    "gone": "failed",
}


def deliver_due(team: Team) -> None:
    """The oldest held message of each agent that is ready; the next one after that turn."""
    app = team.app
    first: dict[AgentId, messages.Message] = {}
    now = clock.monotonic()
    ready = {i for i, w in team.watched.items() if w.agent.condition.state in READY and w.deliver_after <= now}
    if not ready:
        return
    for message in messages.held(app.db):
        if message.agent_id in ready:
            first.setdefault(message.agent_id, message)
    for message in first.values():
        _deliver(team, message)


def _deliver(team: Team, message: messages.Message) -> None:
    app = team.app
    watched = team.watched[message.agent_id]
    with app.db.write() as tx:
        if not messages.take(tx, message.id):
            return
    try:
        verdict = say.deliver(app, message.agent_id, message.text, keep=False)
    except TmuxagentsError as error:
        verdict = say.Verdict("refused", error.message)
    # Refused (a dialog) and held (a person types) wait on, at their place in the queue.
    state = _STATES[verdict.word]
    if state == "held":
        watched.deliver_after = clock.monotonic() + AGAIN_S
    with app.db.write() as tx:
        messages.settle(tx, message.id, state=state, verdict=f"{verdict.word}: {verdict.evidence}")
        if state == "failed":
            text = f"a held message ended {verdict.word}: {verdict.evidence}: {message.text[:200]}"
            journal.append(tx, message.agent_id, watched.agent.generation, [Draft("error", text, clock.now_ns())])
    current = agents.by_id(app.db, message.agent_id)
    if current is not None:
        watched.agent = current


def recover(app: App) -> None:
    """A message whose deliverer was killed: delivered if the agent has it, held again if not."""
    for message, mark in messages.interrupted(app.db):
        agent = agents.by_id(app.db, message.agent_id)
        if agent is not None:
            follow.pull(app, agent)
        found = journal.after(app.db, mark, agents=[message.agent_id], kinds=["receipt"], limit=100_000)
        there = any(e.detail.get("digest") == digest(message.text) for e in found)
        with app.db.write() as tx:
            state = "delivered" if there else "held"
            messages.settle(tx, message.id, state=state, verdict="its deliverer was killed")
