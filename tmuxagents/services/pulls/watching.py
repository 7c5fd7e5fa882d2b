"""Begin and end to watch a pull request: it is recorded, and the controller looks."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from tmuxagents import clock
from tmuxagents.drivers.gh import call as gh
from tmuxagents.drivers.gh import pulls as github
from tmuxagents.drivers.notices import desktop
from tmuxagents.errors import GhFailed, GhMissing
from tmuxagents.kinds import environment
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.model.pull import Pull
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents, journal, pulls
from tmuxagents.value import replace


def asking(program: str) -> Callable[..., str]:
    """`gh` as the controller runs it: with what that has, wherever it is asked."""
    # A login may be kept where only the desktop's bus leads.
    env = desktop.environment(environment.server(os.environ), os.getuid())
    return partial(gh.unasked, program, env)


def needed() -> str:
    """Where `gh` is; `GhMissing` where it is not."""
    program = gh.find()
    if program is None:
        raise GhMissing("gh is not installed, and only that can be asked", hint="apt-get install gh")
    return program


def begin(app: App, agent: Agent, *, rounds: int) -> Pull:
    """Watch the pull request that is recorded of it, with so many rounds from now on."""
    pull = pulls.of(app.db, agent.id)
    assert pull is not None, "open it first"
    program = needed()
    try:
        me = github.me(asking(program), pull.repo.partition("/")[0])
    except GhFailed as error:
        words = f"the controller, which has no GH_TOKEN and no proxy of your shell, cannot ask GitHub: {error.message}"
        raise GhFailed(words, hint="gh auth login", code=error.code) from error
    changes = {"told": 0, "paused": False, "trouble": None, "next_ns": 0, "pause_s": 0.0, "message": None}
    with app.db.write() as tx:
        pull = pulls.of(app.db, agent.id) or pull
        pull = replace(pull, watched=True, rounds=rounds, program=program, me=me, state="open", **changes)
        pulls.put(tx, agent.id, pull)
        told = f"pull request #{pull.number} is watched, {rounds} {'round' if rounds == 1 else 'rounds'}"
        journal.append(tx, agent.id, agent.generation, [NewEntry("note", told, clock.now_ns())])
    return pull


def end(app: App, agent: Agent) -> bool:
    """Watch it no more; False where it was not watched."""
    pull = pulls.of(app.db, agent.id)
    if pull is None:
        return False
    with app.db.write() as tx:
        pull = pulls.of(app.db, agent.id) or pull
        if pull.watched:
            pulls.put(tx, agent.id, replace(pull, watched=False))
            told = NewEntry("note", f"pull request #{pull.number} is not watched any more", clock.now_ns())
            journal.append(tx, agent.id, agent.generation, [told])
        return pull.watched


def pause(app: App, agent_id: AgentId) -> None:
    """Its program has ended: nothing could be told to it. It goes on by itself when that is back."""
    agent, pull = agents.by_id(app.db, agent_id), pulls.of(app.db, agent_id)
    if agent is None or pull is None or pull.paused or not pull.watched:
        return
    words = f"pull request #{pull.number} is not looked at while it is {agent.condition.state}"
    note(app, agent, pull, replace(pull, paused=True), "note", words)


def note(app: App, agent: Agent, before: Pull, after: Pull, kind: EntryKind, words: str) -> bool:
    """Record a change and the entry that tells it, once; False, and neither, where it is another record by now."""
    with app.db.write() as tx:
        if not pulls.change(tx, agent.id, before, after):
            return False
        if words:
            entry = NewEntry(kind, words, clock.now_ns(), {"pull": after.url})
            journal.append(tx, agent.id, agent.generation, [entry])
        return True
