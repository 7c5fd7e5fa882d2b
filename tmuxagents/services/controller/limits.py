"""Have agents that a limit has stopped go on when it ends: once each, spaced, as often as is allowed.

A continuation is a held message with a key, so it is recorded before it is sent and never sent twice; the outbox
delivers it, and where the limit has ended the program `anew` starts it again with that. It is dropped as soon as its
agent is no longer as it was when the limit stopped it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from tmuxagents import clock, config
from tmuxagents.config import Config
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model import continuing
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App
from tmuxagents.services.controller.team import Team
from tmuxagents.store import journal, messages
from tmuxagents.store.messages import Message
from tmuxagents.value import replace

SETTINGS_S = 2.0
"""How old they may be."""


def look(team: Team) -> None:
    """Plan the continuations that are due, drop those that have passed, note when the next is to be sent."""
    team.continue_at = None
    limited = [w.agent for w in team.watched.values() if w.agent.condition.is_limited]
    if not limited and not team.continues:
        return
    planned = [one for one in messages.held(team.app.db) if continuing.is_one(one.key)]
    if limited:
        _read_settings(team)
    for message in [one for one in planned if _is_over(team, one)]:
        _settle(team.app, message)
        planned.remove(message)
    for agent in sorted(limited, key=lambda one: (one.condition.since_ns, one.created_ns)):
        planned += _plan(team.app, agent, planned, team.settings)
    planned = _put_off(team, planned)
    team.continues = bool(planned)
    now, now_ns = clock.monotonic(), clock.now_ns()
    waits = [one.not_before_ns for one in planned] + [a.condition.resets_ns for a in limited if a.condition.resets_ns]
    ahead = [at for at in waits if at > now_ns]
    team.continue_at = now + (min(ahead) - now_ns) / clock.SECOND if ahead else None


def _put_off(team: Team, planned: Sequence[Message]) -> list[Message]:
    """What is planned, later where the program has told more since: its hook comes before its record."""
    found = list(planned)
    for number, message in enumerate(planned):
        condition = team.watched[message.agent_id].agent.condition
        if condition.is_limited and continuing.is_early(condition, message.not_before_ns):
            taken = [one.not_before_ns for one in found if one.id != message.id]
            at_ns = continuing.moment(condition, taken, team.settings.continue_spacing_s)
            with team.app.db.write() as tx:
                messages.put_off(tx, message.id, at_ns)
            found[number] = replace(message, not_before_ns=at_ns)
    return found


def passed(agent: Agent, *, message: Message) -> str | None:
    """Why a continuation is not to be sent any more; None for one that is, and for every other message."""
    if not continuing.is_one(message.key) or continuing.key(agent) == message.key:
        return None
    return f"it has gone on without: it is {agent.condition.state}"


def _is_over(team: Team, message: Message) -> bool:
    watched = team.watched.get(message.agent_id)
    if not team.settings.continues:
        return True
    # A rebuilt database knows no state before something was heard; a dialog may stand there for a moment.
    return watched is None or (
        watched.agent.condition.state not in ("unknown", "waiting") and continuing.key(watched.agent) != message.key
    )


def _settle(app: App, message: Message) -> None:
    with app.db.write() as tx:
        if messages.take(tx, message.id):
            messages.settle(tx, message.id, state="dropped", verdict="it has gone on without")


def _read_settings(team: Team) -> None:
    """As they are now; while the user's file is wrong, as they were when it was right."""
    now = clock.monotonic()
    if now < team.settings_until:
        return
    with contextlib.suppress(TmuxagentsError):
        team.settings = config.load(config.path())
    team.settings_until = now + SETTINGS_S


def _plan(app: App, agent: Agent, planned: Sequence[Message], settings: Config) -> list[Message]:
    """The continuation of that agent, where there is to be one and none is known."""
    own, resets = continuing.key(agent), agent.condition.resets_ns
    if own is None or resets is None or not settings.continues or messages.is_known(app.db, agent.id, own):
        return []
    if not registry.kind(agent.kind).CONFIRMS:
        return []
    text = continuing.text(agent.condition)
    before = messages.sent_since(app.db, agent.id, continuing.PREFIX, _last_said(app, agent, text))
    if before >= settings.continues:
        _tell_enough(app, agent, own, before)
        return []
    taken = [one.not_before_ns for one in planned]
    at_ns = continuing.moment(agent.condition, taken, settings.continue_spacing_s)
    with app.db.write() as tx:
        number = messages.hold(tx, agent.id, text, now_ns=clock.now_ns(), not_before_ns=at_ns, key=own)
    return [Message(number, agent.id, text, clock.now_ns(), at_ns, own)] if number else []


def _last_said(app: App, agent: Agent, text: str) -> int:
    """When a person said something last: whatever is no continuation."""
    from tmuxagents.kinds.prompts import digest

    said = journal.newest(app.db, 200, agents=[agent.id], kinds=["prompt"])
    own = digest(text)
    return max((entry.at_ns for entry in said if entry.detail.get("digest") != own), default=0)


def _tell_enough(app: App, agent: Agent, own: str, count: int) -> None:
    """Once, whoever controls: what is not told again is found in the messages."""
    times = "once" if count == 1 else f"{count} times"
    words = f"limited again, after it went on {times} by itself: it waits for a person"
    with app.db.write() as tx:
        number = messages.hold(tx, agent.id, continuing.text(agent.condition), now_ns=clock.now_ns(), key=own)
        if number:
            messages.settle(tx, number, state="dropped", verdict="it went on often enough")
            journal.append(tx, agent.id, agent.generation, [NewEntry("note", words, clock.now_ns(), {"limit": own})])
