"""What makes no event and is looked at every two seconds while a program runs: windows that are
gone, captures that have died, raw output that has grown too large, agents that are out of time.

A rule for each agent is a function of one shape, listed in `RULES`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

from tmuxagents import clock
from tmuxagents.drivers import disk, files
from tmuxagents.drivers.tmux import window
from tmuxagents.errors import TmuxagentsError, TmuxUnreachable
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.observation import Ending
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.controller import status_line
from tmuxagents.services.controller.isolation import alone, tell
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.services.fleet import claims, lost
from tmuxagents.services.ingest import ingest, pane_output
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import sources as positions

EVERY_S = 2.0

_WAS_FULL = "disk-was-full"


def check(team: Team) -> bool:
    """Look at everything once; True when the list of agents has to be read again."""
    team.checked_at = clock.monotonic()
    app = team.app
    try:
        team.panes = panes_now(app)
    except TmuxagentsError:
        return False
    unfinished = _finish_claims(team)
    _record_lost(team)
    full = disk.is_full(app.state)
    if full:
        note_full(team)
    team.was_full = team.was_full or files.exists(app.state / _WAS_FULL)
    for watched in team.watched.values():
        with alone(team, watched):
            for rule in RULES:
                rule(team, watched)
    if team.was_full and not full:
        _mark_full(team)
    return unfinished


def _finish_claims(team: Team) -> bool:
    # A start that was given up may have its window later, when nobody claims it any more.
    strange = any(pane.agent_id and pane.agent_id not in team.watched for pane in team.panes.panes.values())
    unfinished = strange or any(watched.agent.phase == "claimed" for watched in team.watched.values())
    if unfinished:
        claims.finish_claims(team.app, team.panes)
    return unfinished


def _record_lost(team: Team) -> None:
    if any(lost.is_gone(watched.agent, team.panes) for watched in team.watched.values()):
        for agent in lost.record_lost(team.app, team.panes):
            if agent.id in team.watched:
                team.watched[agent.id].dirty = True


def note_full(team: Team) -> None:
    """The disk is full: captures die of it, hooks throw their payloads away; both without a word."""
    team.was_full = True
    # For the next controller. An empty file takes no room.
    with contextlib.suppress(OSError):
        files.touch(team.app.state / _WAS_FULL)
    status_line.show_trouble(team, status_line.FULL)


def _mark_full(team: Team) -> None:
    """There is room again: read what is there, mark the gap behind it, go on recording the terminals."""
    running = [w.agent for w in team.watched.values() if w.agent.condition.state not in OVER]
    for agent in running:
        ingest.pull(team.app, agent, pane=team.panes.of(agent.id, agent.generation))
    tell(team, running, "gap", "the disk was full: what it said meanwhile may be missing")
    team.was_full = False
    (team.app.state / _WAS_FULL).unlink(missing_ok=True)
    status_line.show_trouble(team, "")
    for agent in running:
        with contextlib.suppress(TmuxUnreachable):
            _capture(team, agent)


def note_exit(team: Team, watched: Watched) -> None:
    """An exit record that was there before the last bytes of its terminal, which may never come."""
    agent = watched.agent
    if agent.condition.state not in OVER:
        record = agent_folder.exit_path(team.app.folder(agent.id), agent.generation)
        watched.dirty = watched.dirty or files.exists(record)


def keep_capture(team: Team, watched: Watched) -> None:
    """A capture dies without a word (a full disk, a killed `cat`); it is started again and the gap marked."""
    agent = watched.agent
    now = clock.monotonic()
    if agent.condition.state in OVER or team.was_full or watched.capture.until > now:
        return
    with contextlib.suppress(TmuxUnreachable):
        if _capture(team, agent):
            # One that dies again and again (its file cannot be opened) is told each time, ever more seldom.
            watched.capture.lengthen(now, first=2 * EVERY_S, longest=600.0)
            tell(team, [agent], "gap", "its terminal was not recorded for a moment")


def _capture(team: Team, agent: Agent) -> bool:
    """Record a living terminal that is not recorded; False when there is none."""
    pane = team.panes.of(agent.id, agent.generation)
    if pane is None or pane.dead or pane.piped:
        return False
    raw = agent_folder.raw_path(team.app.folder(agent.id), agent.generation)
    if raw.is_symlink() or files.is_linked(raw.parent):
        return False
    window.capture(team.app.server, pane.pane, raw)
    return True


def cap_raw(team: Team, watched: Watched) -> None:
    """Give back the disk under raw output that has been read: a hole is punched over its head, so that
    nothing moves for the `cat` that appends (cutting the file lost up to 10 of 60 MB)."""
    app, agent = team.app, watched.agent
    raw = agent_folder.raw_path(app.folder(agent.id), agent.generation)
    if files.disk_bytes(raw) <= app.config.raw_limit_mb * 1_000_000:
        return
    end = files.size(raw)
    if watched.terminal:
        position = positions.of(app.db, agent.id).get(pane_output.source(agent.generation))
        end = position.position if position is not None else 0
    files.punch(raw, end)


def end_in_time(team: Team, watched: Watched) -> None:
    """Stop an agent whose own time limit has passed."""
    agent = watched.agent
    limit = agent.options.get("timeout_s")
    if not limit or agent.condition.state in OVER or agent.phase != "running":
        return
    if watched.ends_at is None:
        # By the monotonic clock from now on: the other one may be set.
        had = max(0.0, (clock.now_ns() - agent.started_ns) / clock.SECOND)
        watched.ends_at = clock.monotonic() + max(0.0, float(limit) - had)
    if clock.monotonic() < watched.ends_at:
        return
    if not watched.out_of_time:
        watched.out_of_time = True
        tell(team, [agent], "error", f"stopped: its timeout of {float(limit):g} s has passed", timeout_s=float(limit))
        ingest.take_in(team.app, agent, [Ending(f"timed out after {float(limit):g} s", clock.now_ns())])
    # It takes seconds where the program does not want to end.
    team.beside.start(("stop", agent.id), partial(_stop, agent=agent))


def _stop(app: App, *, agent: Agent) -> None:
    from tmuxagents.services.lifecycle import stop as stopping

    stopping.stop(app, [agent], ask=2.0, terminate=2.0)


def tell_resolved(team: Team, watched: Watched) -> None:
    """Say what came of a rebase that the agent was asked for, when its turn has ended."""
    agent = watched.agent
    if not files.exists(agent_folder.resolving_file(team.app.folder(agent.id))):
        return
    from tmuxagents.services.review import resolving

    known = resolving.asked(team.app, agent.id)
    if known is not None and resolving.outcome(team.app, agent, known) is not None:
        team.beside.start(("resolve", agent.id), partial(resolving.settle, agent_id=agent.id))


Rule = Callable[[Team, Watched], None]

RULES: tuple[Rule, ...] = (note_exit, keep_capture, cap_raw, end_in_time, tell_resolved)
"""What is looked at for each agent. What one of them raises concerns that agent alone."""
