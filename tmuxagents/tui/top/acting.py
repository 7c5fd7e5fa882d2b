"""What a key asks for, by the services of the commands."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Literal

from tmuxagents.errors import AgentNotFound
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents
from tmuxagents.tui.top.beside import Done, Work


def _agent(app: App, agent_id: str) -> Agent:
    now = agents.by_id(app.db, AgentId(agent_id))
    if now is None:
        raise AgentNotFound("that agent was removed", hint="tmuxagents ls")
    return now


def say(agent_id: str, text: str) -> Work:
    """Deliver a text and prove it. What is refused stays the person's."""

    def work(app: App) -> Done:
        from tmuxagents.services.talk import say as talk

        agent = _agent(app, agent_id)
        verdict = talk.deliver(app, agent.id, text)
        words = f"{verdict.word}: {agent.name} ({verdict.evidence}, {verdict.ms} ms)"
        # What is unconfirmed may have been taken: to have it in the line again would be to send it twice.
        return Done(words, good=verdict.word not in ("refused", "gone"), pale=verdict.word == "unconfirmed")

    return work


def settle(agent_id: str, dialog: str, how: Literal["approved", "denied", "answered"], text: str = "") -> Work:
    """Settle that very dialog: `denied` with a reason, `answered` by the words of a line."""

    def work(app: App) -> Done:
        from tmuxagents.services.talk import dialogs

        agent = _agent(app, agent_id)
        if how == "approved":
            settled = dialogs.approve(app, agent, only=dialog)
        elif how == "denied":
            settled = dialogs.deny(app, agent, text or None, only=dialog)
        else:
            settled = dialogs.answer(app, agent, _words(text), only=dialog)
        if settled.word == "unconfirmed":
            return Done(f"unconfirmed: {agent.name}: {settled.what} ({settled.evidence})", pale=True)
        began = ", began" if settled.word == "began" else ""
        return Done(f"{how}: {agent.name}: {settled.what} ({settled.chosen}{began})")

    return work


def _words(text: str) -> Sequence[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def interrupt(agent_id: str) -> Work:
    """Stop its turn."""

    def work(app: App) -> Done:
        from tmuxagents.services.talk import interrupt as talk

        word, now = talk.interrupt(app, _agent(app, agent_id))
        if word == "interrupted":
            return Done(f"interrupted: {now.name}")
        if word == "unconfirmed":
            return Done(f"{now.name} has not stopped yet", good=False)
        return Done(f"{now.name} is {now.condition.state}, not working", good=False)

    return work


def stop(agent_id: str) -> Work:
    """Ask it to end, then terminate, then kill."""

    def work(app: App) -> Done:
        from tmuxagents.services.lifecycle import stop as stopping
        from tmuxagents.services.server import startup

        [one] = stopping.stop(app, [_agent(app, agent_id)])
        startup.nudge(app)
        return Done(f"{one.agent.name} was over" if one.how == "was over" else f"stopped {one.agent.name} ({one.how})")

    return work


def resume(agent_id: str) -> Work:
    """Start it again with the same conversation."""

    def work(app: App) -> Done:
        from tmuxagents.services.lifecycle import resume as resuming
        from tmuxagents.services.server import startup

        now = resuming.once(app, _agent(app, agent_id))
        startup.nudge(app)
        return Done(f"resumed {now.name}")

    return work


def pin(agent_id: str, *, pinned: bool) -> Work:
    """Keep it first, or no more."""

    def work(app: App) -> Done:
        from tmuxagents.services.fleet import aside

        agent = _agent(app, agent_id)
        aside.pin(app, agent, pinned=pinned)
        return Done(f"{'pinned' if pinned else 'unpinned'} {agent.name}")

    return work


def dismiss(agent_id: str, *, off: bool) -> Work:
    """Have it leave the list, or in it again."""

    def work(app: App) -> Done:
        from tmuxagents.services.fleet import aside

        agent = _agent(app, agent_id)
        if off:
            aside.take_back(app, agent)
            return Done(f"{agent.name} is in the list again")
        aside.dismiss(app, agent)
        return Done(f"dismissed {agent.name}; . shows who was dismissed")

    return work


def attach(agent_id: str) -> Work:
    """What is to be run to have the terminal at its window."""

    def work(app: App) -> Done:
        from tmuxagents.services.fleet import attach as attaching
        from tmuxagents.services.fleet.now import fleet_now

        agent = _agent(app, agent_id)
        argv = attaching.arguments(app, fleet_now(app), agent)
        return Done(f"leave with {attaching.keys()}; the agents go on", argv=tuple(argv))

    return work
