"""Finish or undo what was claimed and never recorded, because the one who claimed it was killed."""

from __future__ import annotations

import errno
import os

from tmuxagents import clock
from tmuxagents.drivers import process
from tmuxagents.drivers.tmux import window
from tmuxagents.drivers.tmux.snapshot import PaneNow, Snapshot
from tmuxagents.errors import DiskFull, StateDamaged, TimedOut, TmuxMissing, TmuxUnreachable
from tmuxagents.model.agent import Agent, Claimer, PaneAddress
from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.ingest import readers
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents, journal, queue, sources
from tmuxagents.store.sources import Position
from tmuxagents.value import replace

PATIENCE_S = 60.0
"""How long a start may take before its claim counts as abandoned, where nobody knows who claimed it."""


_CUT_OFF = "before it had a window"


def was_cut_off(agent: Agent) -> bool:
    """Whether its newest start failed because who started it was killed, and says nothing of the agent."""
    return agent.condition.state == "failed" and agent.condition.evidence.endswith(_CUT_OFF)


def claimer() -> Claimer | None:
    """Us, as the one who claims a start."""
    me = process.known(os.getpid())
    return Claimer(me.pid, me.mark) if me is not None else None


def finish_claims(app: App, panes: Snapshot) -> None:
    """A claimed agent whose window is there is running; one without is failed when its claimer is gone.

    A claimer that is merely stopped may go on and is waited for. A dead window of an agent that was
    never recorded is closed: tmux opened it after its start was given up.
    """
    for late in panes.panes.values():
        if late.agent_id and late.dead and agents.by_id(app.db, AgentId(late.agent_id)) is None:
            window.close(app.server, late.window)
    claimed = agents.claimed(app.db)
    given_up = [agent for agent in claimed if _is_given_up(agent)]
    for agent in claimed:
        pane = panes.of(agent.id, agent.generation)
        if pane is not None and (agent in given_up or _age_s(agent) > 2.0):
            _adopt(app, agent, pane, panes.server)
    missing = [agent for agent in given_up if panes.of(agent.id, agent.generation) is None]
    if missing:
        _finish_missing(app, missing)


def _is_given_up(agent: Agent) -> bool:
    if agent.claimer is None:
        return _age_s(agent) > PATIENCE_S
    return not process.lives(process.Process(agent.claimer.pid, agent.claimer.mark))


def _age_s(agent: Agent) -> float:
    return (clock.now_ns() - agent.started_ns) / clock.SECOND


def _finish_missing(app: App, missing: list[Agent]) -> None:
    """Its claimer may have opened the window after we looked, and before it was killed: look again."""
    try:
        panes = panes_now(app)
    except TmuxUnreachable:
        return
    for agent in missing:
        pane = panes.of(agent.id, agent.generation)
        if pane is not None:
            _adopt(app, agent, pane, panes.server)
        else:
            _undo(app, agent)


def _adopt(app: App, agent: Agent, pane: PaneNow, server_mark: str) -> None:
    with app.db.write() as tx:
        if agents.is_claimed(tx, agent.id, agent.generation):
            place = PaneAddress(server_mark, pane.window, pane.pane, pane.pid)
            agents.place(tx, agent.id, place, phase="running")
    agent_folder.asked_path(app.folder(agent.id)).unlink(missing_ok=True)


def is_passing(error: Exception) -> bool:
    """Whether what kept a start from being carried out says nothing of that agent: the disk, tmux, the database, what
    the system has too little of."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
    return isinstance(error, (DiskFull, TmuxUnreachable, TmuxMissing, StateDamaged, TimedOut))


def runs_after_all(app: App, agent: Agent) -> bool:
    """Whether a claimed agent has its window although its start did not end well: then it runs, and is recorded so."""
    panes = panes_now(app)
    pane = panes.of(agent.id, agent.generation)
    if pane is not None:
        _adopt(app, agent, pane, panes.server)
    return pane is not None


def give_back(app: App, agent: Agent) -> bool:
    """Have it queued again, at its old place, whose start was cut off before it had a window; False where it was not
    queued before. A window that tmux opens late is of an earlier generation, and ends at once: nothing is started
    twice."""
    folder, now = app.folder(agent.id), clock.now_ns()
    may_come = agent_folder.raw_path(folder, agent.generation).exists()
    agent_folder.give_up(folder, agent.generation)
    with app.db.write() as tx:
        if not queue.has(tx, agent.id) or not agents.give_back(
            tx, agent.id, agent.generation, now=agent.generation + may_come
        ):
            return False
        before = agents.condition_of(tx, agent.id)
        waits = replace(before, state="queued", since_ns=now, evidence="its start was cut off", reason=None, set_up="")
        agents.set_condition(tx, agent.id, waits)
        told = {"from": before.state, "evidence": waits.evidence}
        journal.append(tx, agent.id, agent.generation, [NewEntry("state", "queued", now, told)])
    return True


def _undo(app: App, agent: Agent) -> None:
    from tmuxagents.services.ingest import noticing

    if give_back(app, agent):
        return
    now = clock.now_ns()
    who = "who started it was killed" if agent.claimer is not None else "its start was interrupted"
    evidence = f"{who} {_CUT_OFF}"
    with app.db.write() as tx:
        if not agents.is_claimed(tx, agent.id, agent.generation):
            return
        before = agents.condition_of(tx, agent.id)
        failed = replace(before, state="failed", since_ns=now, evidence=evidence, reason=who, set_up="")
        agents.set_condition(tx, agent.id, failed)
        noticing.note(tx, agent, before, failed, now)
        # One that was to go on behind a limit goes on still; nobody has stopped it.
        goes_on = agent.is_headless and failed.is_limited
        agents.place(tx, agent.id, None, phase="running" if goes_on else "stopped")
        journal.append(tx, agent.id, agent.generation, [NewEntry("error", evidence, now)])
        # A window that opens late ends at once; how says nothing about the agent.
        sources.advance(tx, agent.id, [Position(readers.exit_source(agent.generation), 1)])
    agent_folder.give_up(app.folder(agent.id), agent.generation)
