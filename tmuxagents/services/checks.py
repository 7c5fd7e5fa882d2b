"""What makes no event and is looked at every two seconds while a program runs: windows that are
gone, captures that have died, raw output that has grown too large, agents that are out of time.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Sequence

from tmuxagents import clock
from tmuxagents.drivers import disk, files
from tmuxagents.drivers.tmux import keyboard, window
from tmuxagents.errors import StateDamaged, TmuxagentsError, TmuxUnreachable
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import Draft, EntryKind
from tmuxagents.services import fleet, follow, log, paneout, reconcile, server, sourcing
from tmuxagents.services import stop as stopping
from tmuxagents.services.watched import Team, Watched
from tmuxagents.store import journal
from tmuxagents.store import sources as positions

EVERY_S = 2.0

_WAS_FULL = "disk-was-full"


def check(team: Team) -> bool:
    """Look at everything once; True when the list of agents has to be read again."""
    team.checked_at = clock.monotonic()
    app = team.app
    try:
        team.panes = server.panes(app)
    except TmuxagentsError:
        return False
    watched_agents = [w.agent for w in team.watched.values()]
    # A start that was given up may have its window later, when nobody claims it any more.
    strange = any(pane.agent_id and pane.agent_id not in team.watched for pane in team.panes.panes.values())
    unfinished = strange or any(agent.phase == "claimed" for agent in watched_agents)
    if unfinished:
        reconcile.finish_claims(app, team.panes)
    if any(fleet.is_gone(agent, team.panes) for agent in watched_agents):
        for lost in follow.record_lost(app, team.panes):
            if lost.id in team.watched:
                team.watched[lost.id].dirty = True
    if disk.is_full(app.state):
        # Captures die of it, hooks throw their payloads away; both without a word.
        team.was_full = True
        # For the next controller. An empty file takes no room.
        with contextlib.suppress(OSError):
            files.touch(app.state / _WAS_FULL)
        tell_full(team)
    elif team.was_full or files.exists(app.state / _WAS_FULL):
        _mark_full(team)
    else:
        for watched in team.watched.values():
            with alone(team, watched):
                _check_capture(team, watched)
    for watched in team.watched.values():
        with alone(team, watched):
            _check_exit(team, watched)
            _check_time(team, watched)
            _cap_raw(team, watched)
    return unfinished


_EVERYBODYS = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What the system refuses to all."""


@contextlib.contextmanager
def alone(team: Team, watched: Watched) -> Iterator[None]:
    """What goes wrong with one agent (a source that cannot be read, a payload that nobody foresaw) is
    logged, told once, and tried again later; the others notice nothing."""
    # One after the other takes its time where there are many: that is no standing still.
    team.turns.due(clock.monotonic())
    try:
        yield
    except (StateDamaged, TmuxUnreachable):
        raise
    except Exception as error:
        # Whatever else it is, it concerns one agent.
        if isinstance(error, OSError) and error.errno in _EVERYBODYS:
            raise
        first = not watched.read.pause
        watched.read.lengthen(clock.monotonic(), first=1.0, longest=60.0)
        if first:
            log.write(team.app, f"{watched.agent.name}: {log.described(error)}")
            _tell(team, [watched.agent], "error", f"it cannot be followed: {type(error).__name__}: {error}"[:300])


def _mark_full(team: Team) -> None:
    """There is room again: read what is there, mark the gap behind it, go on recording the terminals."""
    running = [w.agent for w in team.watched.values() if w.agent.condition.state not in OVER]
    for agent in running:
        follow.pull(team.app, agent, pane=team.panes.of(agent.id, agent.generation))
    _tell(team, running, "gap", "the disk was full: what it said meanwhile may be missing")
    team.was_full = False
    (team.app.state / _WAS_FULL).unlink(missing_ok=True)
    _show_trouble(team, "")
    for agent in running:
        with contextlib.suppress(TmuxUnreachable):
            _capture(team, agent)


def _tell(team: Team, told: Sequence[Agent], kind: EntryKind, words: str, **detail: object) -> None:
    """The same entry for each of them, in one transaction."""
    entry = Draft(kind, words, clock.now_ns(), detail)
    with team.app.db.write() as tx:
        for agent in told:
            journal.append(tx, agent.id, agent.generation, [entry])


def tell_full(team: Team) -> None:
    """Tell who is attached that the disk is full, whatever cannot be done because of it."""
    _show_trouble(team, "disk full ")


def _show_trouble(team: Team, words: str) -> None:
    """Tell who is attached; nothing can be written down."""
    with contextlib.suppress(TmuxUnreachable):
        keyboard.tell(team.app.server, [("set-option", "-g", "@tmuxagents_trouble", words)])


def _check_exit(team: Team, watched: Watched) -> None:
    """An exit record that was there before the last bytes of its terminal, which may never come."""
    agent = watched.agent
    if agent.condition.state not in OVER:
        record = sourcing.exit_path(team.app.folder(agent.id), agent.generation)
        watched.dirty = watched.dirty or files.exists(record)


def _check_capture(team: Team, watched: Watched) -> None:
    """A capture dies without a word (a full disk, a killed `cat`); it is started again and the gap marked."""
    agent = watched.agent
    if agent.condition.state in OVER:
        return
    now = clock.monotonic()
    if watched.capture.until > now:
        return
    with contextlib.suppress(TmuxUnreachable):
        if _capture(team, agent):
            # One that dies again and again (its file cannot be opened) is told each time, ever more seldom.
            watched.capture.lengthen(now, first=2 * EVERY_S, longest=600.0)
            _tell(team, [agent], "gap", "its terminal was not recorded for a moment")


def _capture(team: Team, agent: Agent) -> bool:
    """Record a living terminal that is not recorded; False when there is none."""
    pane = team.panes.of(agent.id, agent.generation)
    if pane is None or pane.dead or pane.piped:
        return False
    raw = sourcing.raw_path(team.app.folder(agent.id), agent.generation)
    if raw.is_symlink() or files.is_linked(raw.parent):
        return False
    window.capture(team.app.server, pane.pane, raw)
    return True


def _cap_raw(team: Team, watched: Watched) -> None:
    """Give back the disk under raw output that has been read: a hole is punched over its head, so that
    nothing moves for the `cat` that appends (cutting the file lost up to 10 of 60 MB)."""
    app, agent = team.app, watched.agent
    raw = sourcing.raw_path(app.folder(agent.id), agent.generation)
    if files.disk_bytes(raw) <= app.config.raw_limit_mb * 1_000_000:
        return
    end = files.size(raw)
    if agent.kind == "command":
        position = positions.of(app.db, agent.id).get(paneout.source(agent.generation))
        end = position.position if position is not None else 0
    files.punch(raw, end)


def _check_time(team: Team, watched: Watched) -> None:
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
        _tell(team, [agent], "error", f"stopped: its timeout of {float(limit):g} s has passed", timeout_s=float(limit))
    # It takes seconds where the program does not want to end.
    team.beside.start(("stop", agent.id), lambda app: stopping.stop(app, [agent], ask=2.0, terminate=2.0))
