"""Agents that are asked for and begin when there is room.

One that is asked for begins in three steps, each of which may be somebody else's:

1. `ask` looks everything up, resolves the commit that its worktree begins with, and writes into the agent's folder
   what no database holds. Refuses what cannot be. Whoever is killed behind it leaves a folder without a row, which
   `sweep` takes away.
2. `claim`, inside the caller's own transaction, has it as an agent in phase `queued`, in the line of its owner. With
   the commit it is there whole, and will be begun; without it nothing is, and `forgo` takes the folder away.
   `wake`, behind the commit, has a controller there that begins it.
3. `take` (a short transaction) claims its start, `begin` carries it out from what is recorded alone. Cut off at any
   step it is queued again at its old place (`fleet.claims`), unless its window was opened: then it runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.model import room
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.room import PERSON
from tmuxagents.names import AgentId
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.ingest import agent_file, noticing
from tmuxagents.services.lifecycle import asked as asking
from tmuxagents.services.lifecycle import launch, ports, trust
from tmuxagents.services.lifecycle.asked import Asked, SpawnRequest
from tmuxagents.services.server import startup
from tmuxagents.store import agents, journal, queue
from tmuxagents.value import replace


def ask(app: App, request: SpawnRequest, *, caller: Mapping[str, str] | None = None) -> Asked:
    """Everything that is asked for, looked up and kept; `caller` is the environment of who asks, where that is not
    this process. Not for a branch-off, which begins with what is there now."""
    assert request.branch_off is None, "a branch-off is made by who asks for it"
    asked = asking.look_up(app, request, caller=caller)
    keep(app, asked)
    return asked


def keep(app: App, asked: Asked) -> None:
    """Write what no database holds into the agent's folder."""
    asking.keep(app, asked, by=claims.claimer())


def claim(
    app: App, tx: queue.Transaction, asked: Asked, *, owner: str = PERSON, now: bool = False, why: str = ""
) -> Agent:
    """Have it as an agent in phase `queued`, inside the caller's transaction. `NameTaken` where somebody has the
    name. `now`: it stands first, and no bound holds it back."""
    asking.claim(app, tx, asked, phase="queued")
    queue.join(tx, asked.agent_id, owner=owner, now=now, why=why)
    return agents.in_transaction(tx, asked.agent_id)


def forgo(app: App, asked: Asked) -> None:
    """Take back what was asked for and not claimed."""
    shutil.rmtree(app.folder(asked.agent_id), ignore_errors=True)


def line_up(app: App, agent_id: AgentId, *, why: str) -> None:
    """Have one that is claimed and has everything but its program wait for its turn."""
    now = clock.now_ns()
    with app.db.write() as tx:
        queue.join(tx, agent_id, owner=PERSON, why=why)
        agents.give_back(tx, agent_id, 1, now=1)
        before = agents.condition_of(tx, agent_id)
        waits = replace(before, state="queued", since_ns=now, evidence="there was no room at spawn")
        agents.set_condition(tx, agent_id, waits)


def wake(app: App) -> None:
    """Have a controller there, and tell it that somebody waits."""
    startup.ensure(app)
    startup.nudge(app)


def take(app: App, agent_id: AgentId) -> Agent | None:
    """Claim its start; None where it was dropped, or somebody else begins it."""
    now = clock.now_ns()
    with app.db.write() as tx:
        if not agents.begin(tx, agent_id, now_ns=now, claimer=claims.claimer()):
            return None
        queue.note_round(tx, agent_id)
        agent = agents.in_transaction(tx, agent_id)
        if agent.options.get("worktree"):
            taken, kept = agents.ports(tx, but=agent_id), agent.options.get("port")
            agents.set_port(tx, agent_id, ports.give(app.state, taken, kept=kept))
        begun = replace(agent.condition, state="starting", since_ns=now, evidence="its turn has come", reason=None)
        agents.set_condition(tx, agent_id, begun)
        told = {"from": "queued", "evidence": begun.evidence}
        journal.append(tx, agent_id, agent.generation, [NewEntry("state", "starting", now, told)])
        return agents.in_transaction(tx, agent_id)


def begin(app: App, claimed: Agent) -> None:
    """Start the program of one whose start is claimed, from what is recorded alone. What is wrong with it is recorded:
    it has failed. What is wrong with the disk or tmux raises, and it is given back (`claims.give_back`)."""
    try:
        _begin(app, claimed)
    except TmuxagentsError as error:
        if claims.is_passing(error):
            raise
        fail(app, claimed, error)
    except OSError as error:
        if claims.is_passing(error):
            raise
        fail(app, claimed, error)


def _begin(app: App, claimed: Agent) -> None:
    kept = asking.kept(app, claimed)
    if kept is None:
        raise Refused(f"what {claimed.name} was to be started with is gone", hint=f"tmuxagents resume {claimed.name}")
    caller, given = kept
    # What nobody is there to be told is in its journal.
    app = replace(app, tell=lambda words, hint: note(app, claimed, words))
    agent = _in_worktree(app, claimed)
    launch.check_folder(agent.dir)
    launch.check_program(agent.kind, agent.options, given.get("PATH") or caller.get("PATH"), agent.dir)
    trust.as_asked(app, agent, {**caller, **given})
    launch.start(app, agent, resume=False, given=given, caller=caller)
    agent_folder.asked_path(app.folder(agent.id)).unlink(missing_ok=True)


def _in_worktree(app: App, claimed: Agent) -> Agent:
    made = claimed.worktree is not None and claimed.options.get("branch_off")
    if made or not claimed.options.get("worktree"):
        return claimed
    from tmuxagents.services.worktrees import making

    return making.ensure(app, claimed)


def note(app: App, agent: Agent, words: str) -> None:
    """Tell something of it in its journal."""
    with app.db.write() as tx:
        journal.append(tx, agent.id, agent.generation, [NewEntry("note", words, clock.now_ns())])


def fail(app: App, claimed: Agent, error: Exception) -> None:
    """Record that it could not be started. What was made for it stays, for a `resume` or `rm`."""
    now, why = clock.now_ns(), f"it could not be started: {error}"
    agent_folder.give_up(app.folder(claimed.id), claimed.generation)
    with app.db.write() as tx:
        if not agents.is_claimed(tx, claimed.id, claimed.generation):
            return
        before = agents.condition_of(tx, claimed.id)
        failed = replace(before, state="failed", since_ns=now, evidence=why, reason=str(error), set_up="")
        agents.set_condition(tx, claimed.id, failed)
        noticing.note(tx, claimed, before, failed, now)
        agents.place(tx, claimed.id, None, phase="stopped")
        told = NewEntry("state", "failed", now, {"from": before.state, "evidence": why})
        journal.append(tx, claimed.id, claimed.generation, [NewEntry("error", why, now), told])
    agent_file.keep(app, claimed.id)


LAST = 1_000_000_000
"""A place behind all others."""


def move(app: App, agent_id: AgentId, to: int) -> int | None:
    """Give it the place `to` in the line, counted from 1; returns the place that it has now, None when it waits no
    more."""
    with app.db.write() as tx:
        line = queue.waiting(tx)
        if not queue.place_of(line, agent_id):
            return None
        queue.arrange(tx, room.moved(line, agent_id, to))
        return queue.place_of(queue.waiting(tx), agent_id)


def drop(app: App, agent_id: AgentId) -> Agent | None:
    """Take it out of the line, and end it; None when it waits no more. `resume` starts it all the same."""
    now, why = clock.now_ns(), "dropped from the queue"
    with app.db.write() as tx:
        if not agents.begin(tx, agent_id, now_ns=now):
            return None
        agent = agents.in_transaction(tx, agent_id)
        before = agents.condition_of(tx, agent.id)
        over = replace(before, state="ended", since_ns=now, evidence=why, reason=why, task_due=False)
        agents.set_condition(tx, agent.id, over)
        agents.place(tx, agent.id, None, phase="stopped")
        told = NewEntry("state", "ended", now, {"from": "queued", "evidence": why})
        journal.append(tx, agent.id, agent.generation, [NewEntry("note", why, now), told])
    agent_file.keep(app, agent_id)
    return agents.by_id(app.db, agent_id)


def sweep(app: App) -> None:
    """Take away the folders of what was asked for and never claimed, because who asked was killed in between, and what
    was kept for a start that has been made."""
    for path in (app.state / "agents").glob(f"*/{agent_folder.ASKED}"):
        folder = path.parent
        agent = agents.by_id(app.db, AgentId(folder.name))
        if agent is None and not _is_under_way(folder):
            shutil.rmtree(folder, ignore_errors=True)
        elif agent is not None and agent.phase in ("running", "stopping"):
            path.unlink(missing_ok=True)


def _is_under_way(folder: Path) -> bool:
    """Whether who asked lives; a folder with a copy of its row is an agent of a database that was lost."""
    if files.exists(folder / agent_file.NAME):
        return True
    told = agent_folder.asked(folder)
    by = told.get("by") if told is not None else None
    return isinstance(by, list) and len(by) == 2 and process.lives(process.Process(*by))
