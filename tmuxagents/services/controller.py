"""The process that turns sources into journal entries and acts on rules.

It sleeps until the kernel says that a source has grown, gathers what comes in the next
milliseconds, and reads on. It holds no state that matters: killed anywhere, the next one goes on
from the committed offsets.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.drivers.tmux import keyboard, snapshot
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import (
    DatabaseDamaged,
    DatabaseReplaced,
    DiskFull,
    TimedOut,
    TmuxagentsError,
    TmuxUnreachable,
    word,
)
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.observation import Screen
from tmuxagents.names import AgentId
from tmuxagents.services import checks, follow, held, house, liveness, log, paneout, server, sourcing
from tmuxagents.services.app import App
from tmuxagents.services.watched import Team, Watched
from tmuxagents.store import agents, journal
from tmuxagents.store import sources as positions

GATHER_S = 0.01
"""How long a burst is gathered before it is read."""

LOOK_S = 0.15
"""How long a screen must have been still before it is looked at; a moving one is looked at once a second."""

MOVING_S = 1.0

INDEX_S = 1.0
"""How long nothing must have been said before words are indexed."""

LEAVE_S = 2.0
"""How long a delivery under way may take to end when the controller is told to."""

ASK_S = 5.0
"""How long a controller that turns may take to end by itself."""

STUMBLE_S = 1.0
"""How long the controller waits before it tries again what the system refused."""


def run(app: App) -> bool:
    """Control the fleet until told to stop; False at once when another controller does."""
    with files.locked(app.state / "controller.lock", within=2.0) as free:
        if not free:
            liveness.leave(app, os.getpid())
            return False
        with open_wake() as wake, _logged(app):
            team = Team(app, wake, snapshot.EMPTY)
            team.turns.open(app.state / liveness.TURN)
            team.turns.due(clock.monotonic())
            _take_over(app)
            while _still_wanted(app):
                try:
                    if not team.began:
                        _begin(team)
                    _step(team)
                except (DatabaseDamaged, DatabaseReplaced):
                    raise
                except (TmuxagentsError, OSError) as error:
                    _stumble(team, error)
            team.beside.finish(LEAVE_S)
    return True


def _take_over(app: App) -> None:
    """Say who controls now, and have the server watch over it."""
    # A request that the one before did not live to hear is not ours.
    (app.state / "controller.stop").unlink(missing_ok=True)
    # On a full disk the kernel alone says who controls.
    with contextlib.suppress(OSError):
        files.write_whole(app.state / "controller.pid", str(os.getpid()))
    with contextlib.suppress(OSError):
        liveness.leave(app, None)
    house.watch_over(app)


def _begin(team: Team) -> None:
    """In the loop, because a full disk may refuse it."""
    app = team.app
    team.wake.watch(app.state / "agents")
    liveness.nudge(app)
    team.wake.watch(app.state / liveness.NUDGE)
    _refresh(team)
    team.began = True


def _stumble(team: Team, error: Exception) -> None:
    """A full disk or a wedged tmux is waited out: nothing was committed, so everything is read again."""
    import time

    log.write(team.app, f"waiting: {error}")
    if isinstance(error, DiskFull) or getattr(error, "errno", None) == errno.ENOSPC:
        team.was_full = True
        checks.tell_full(team)
    for watched in team.watched.values():
        watched.dirty = True
    team.turns.due(clock.monotonic() + STUMBLE_S)
    time.sleep(STUMBLE_S)


def stop(app: App) -> int | None:
    """End the running controller; its pid, or None when none runs. When this returns it has ended.

    It is asked; one that does not go (it is suspended, or hangs) is terminated, then killed. `TimedOut`
    when it runs even so.
    """
    if not liveness.runs(app):
        return None
    # It is told a moment after the lock is had.
    pid = clock.eventually(lambda: _pid(app), within=2.0)
    patience = 0.5
    with contextlib.suppress(OSError):
        liveness.leave(app, pid)
        files.write_whole(app.state / "controller.stop", str(pid))
        liveness.nudge(app)
        patience = ASK_S if liveness.stuck_for(app) is None else 0.5
    if not _ends(app, patience):
        _end(app)
    return pid or 0


def _pid(app: App) -> int | None:
    """The controller's pid: by the kernel's word, and of one of an older version by its own."""
    holder = liveness.holder(app)
    if holder is not None:
        return holder.pid
    try:
        return int(files.read_whole(app.state / "controller.pid"))
    except (OSError, ValueError):
        return None


def _end(app: App) -> None:
    """Signal the process that has the locks, and no other."""
    for number, grace in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0)):
        holder = liveness.holder(app)
        if holder is not None:
            liveness.leave(app, holder.pid)
            process.send([holder], number)
        if _ends(app, grace):
            (app.state / "controller.stop").unlink(missing_ok=True)
            return
    with contextlib.suppress(OSError):
        liveness.leave(app, None)
    raise TimedOut("the controller does not end", hint=f"fuser {word(app.state / 'controller.lock')} shows who it is")


def _ends(app: App, within: float) -> bool:
    return clock.eventually(lambda: None if liveness.runs(app) else True, within=within) is not None


def _still_wanted(app: App) -> bool:
    request = app.state / "controller.stop"
    if files.exists(request):
        request.unlink(missing_ok=True)
        return False
    return True


def _step(team: Team) -> None:
    nap = _nap(team)
    team.turns.due(None if nap is None else clock.monotonic() + nap)
    changed = team.wake.wait(nap)
    team.turns.due(clock.monotonic())
    if changed:
        # A burst is one read; the gathering also keeps fifty busy agents from being fifty wake-ups.
        changed |= _gather(team.wake)
    now = clock.monotonic()
    app = team.app
    if changed & {app.state / "agents", app.state / liveness.NUDGE}:
        _refresh(team)
    for path in changed:
        owner = team.watched.get(team.owners.get(path, AgentId("")))
        if owner is not None:
            _note_change(owner, path, now)
    if now - team.checked_at >= checks.EVERY_S and checks.check(team):
        _refresh(team)
    _take_in(team)
    _look(team, now)
    _read(team)
    held.deliver_due(team)
    _show(team)
    _index(team, now)


def _take_in(team: Team) -> None:
    """What was done beside the loop and has ended."""
    for ended in team.beside.ended():
        if isinstance(ended.error, (DatabaseDamaged, DatabaseReplaced)):
            raise ended.error
        if ended.error is not None:
            log.write(team.app, f"{ended.key}: {log.described(ended.error)}")
        match ended.key:
            case ("deliver", str(agent_id)):
                held.note(team, AgentId(agent_id), ended)
            case ("stop", str(agent_id)) if agent_id in team.watched:
                team.watched[AgentId(agent_id)].dirty = True
            case _:
                pass


def _gather(wake: Wake) -> set[Path]:
    import time

    time.sleep(GATHER_S)
    return wake.wait(0)


def _note_change(watched: Watched, path: Path, now: float) -> None:
    if path.suffix == ".raw":
        watched.changed_at = now
        watched.dirty = watched.dirty or watched.agent.kind == "command"
    else:
        watched.dirty = True


def _nap(team: Team) -> float | None:
    """How long to sleep when nothing happens: for ever when no program runs."""
    now = clock.monotonic()
    if _unread(team, now):
        return 0.0
    live = [w for w in team.watched.values() if w.agent.condition.state not in OVER]
    if not live and team.index_at is None and team.recover_at is None:
        return None
    waits = [max(0.0, team.checked_at + checks.EVERY_S - now)]
    if team.index_at is not None:
        waits.append(max(0.0, team.index_at - now))
    for watched in live:
        if watched.changed_at is not None:
            waits.append(max(0.0, _look_due(watched) - now))
        due = follow.due_in(registry.kind(watched.agent.kind), watched.agent.condition, clock.now_ns())
        if due is not None:
            waits.append(max(due + 0.01 if due else 0.0, watched.read.until - now))
    return min(waits)


def _unread(team: Team, now: float) -> bool:
    """Whether there is more to read of an agent; of one that could not be read, when it is time again."""
    return any(watched.dirty and watched.read.until <= now for watched in team.watched.values())


def _index(team: Team, now: float) -> None:
    """Make searchable what was said, a step at a time, when nobody says more."""
    if team.index_at is None or team.index_at > now or _unread(team, now):
        return
    team.index_at = now if journal.index(team.app.db) else None


def _refresh(team: Team) -> None:
    """Take in agents that are new or started again, drop the forgotten."""
    app = team.app
    nudged = liveness.nudged(app)
    # Others have written entries, or left some when they ended.
    team.index_at = clock.monotonic() + INDEX_S
    known = {agent.id: agent for agent in agents.known(app.db)}
    for gone in set(team.watched) - set(known):
        _drop(team, gone)
    for agent in known.values():
        watched = team.watched.get(agent.id)
        if watched is None or watched.agent.generation != agent.generation:
            _drop(team, agent.id)
            # Its screen may have come to rest before it was watched: a dialog that waits is drawn once.
            watched = team.watched[agent.id] = Watched(agent, changed_at=clock.monotonic())
        watched.agent = agent
        watched.dirty = agent.condition.state not in OVER or agent.phase == "stopping"
        with checks.alone(team, watched):
            _watch(team, watched)
    with contextlib.suppress(TmuxagentsError):
        team.panes = server.panes(app)
    team.turns.answered(nudged)


def _drop(team: Team, agent_id: AgentId) -> None:
    watched = team.watched.pop(agent_id, None)
    for path in watched.paths if watched else ():
        if team.owners.get(path) == agent_id:
            team.owners.pop(path)
            team.wake.forget(path)


def _watch(team: Team, watched: Watched) -> None:
    """Watch every source that is there; those that come later are found when their folder changes."""
    agent, folder = watched.agent, team.app.folder(watched.agent.id)
    if agent.condition.state in OVER and agent.phase != "stopping":
        return
    wanted = registry.kind(agent.kind).sources(agent.condition, folder)
    paths = [folder, folder / "spool", *wanted.transcripts.values()]
    for transcript in wanted.transcripts.values():
        subagents = transcript.parent / transcript.stem / "subagents"
        paths += [subagents, *subagents.glob("agent-*.jsonl")] if subagents.is_dir() else []
        if not transcript.exists() and transcript.parent.is_dir():
            paths.append(transcript.parent)
    if wanted.self_reports is not None:
        pid = sourcing.program_pid(folder, agent.generation)
        paths.append(wanted.self_reports / f"{pid}.json")
    raw = sourcing.raw_path(folder, agent.generation)
    for path in [*paths, raw]:
        if path not in watched.paths and team.wake.watch(path, bulk=path is raw):
            watched.paths.add(path)
            team.owners[path] = agent.id


def _read(team: Team) -> None:
    now = clock.monotonic()
    for watched in list(team.watched.values()):
        if watched.read.until > now:
            continue
        due = follow.due_in(registry.kind(watched.agent.kind), watched.agent.condition, clock.now_ns())
        if watched.dirty or due == 0.0:
            with checks.alone(team, watched):
                _pull(team, watched, None)
                watched.read.pause = 0.0


def _pull(team: Team, watched: Watched, screen: Screen | None) -> None:
    app, agent = team.app, watched.agent
    pane = team.panes.of(agent.id, agent.generation)
    if pane is None and agent.kind == "command" and agent.condition.state not in OVER:
        # Its window is newer than our look at them; without it a screen would be read after the end.
        with contextlib.suppress(TmuxagentsError):
            team.panes = server.panes(app)
        pane = team.panes.of(agent.id, agent.generation)
    # One chunk at a time, so that an agent that never stops keeps nobody else waiting.
    added, watched.dirty = follow.pull_chunk(app, agent, pane=pane, screen=screen)
    if added:
        team.index_at = clock.monotonic() + INDEX_S
    now = agents.by_id(app.db, agent.id)
    if now is None:
        return
    if now.condition.state in OVER and agent.condition.state not in OVER and pane is not None:
        _save_screen(team, now, pane)
    watched.agent = now
    _watch(team, watched)


def _save_screen(team: Team, agent: Agent, pane: PaneNow) -> None:
    from tmuxagents.services import stop as stopping

    team.beside.start(("screen", agent.id), lambda app: stopping.save_screen(app, agent, pane))


def _look_due(watched: Watched) -> float:
    """A still screen soon, a moving one (a spinner) once a second."""
    assert watched.changed_at is not None
    return min(watched.changed_at + LOOK_S, max(watched.looked_at + MOVING_S, watched.changed_at))


def _look(team: Team, now: float) -> None:
    """Look at the screens that have changed, all in one call."""
    due = [w for w in team.watched.values() if w.changed_at is not None and _look_due(w) <= now]
    wanted: dict[str, Watched] = {}
    for watched in due:
        if watched.agent.kind == "command":
            # Its own reader looks, twice: once moving, once still.
            watched.dirty = True
            watched.changed_at = now if _moves(team, watched) else None
            watched.looked_at = now
            continue
        pane = team.panes.of(watched.agent.id, watched.agent.generation)
        watched.changed_at, watched.looked_at = None, now
        if watched.agent.condition.state in OVER:
            continue
        if pane is None:
            # Its window is newer than our list of panes: a new list first, then the look.
            watched.changed_at, team.checked_at = now, 0.0
        elif not pane.dead:
            wanted[pane.pane] = watched
    if not wanted:
        return
    # A hook that comes while tmux answers is later than what is on the screens.
    at_ns = clock.now_ns()
    with contextlib.suppress(TmuxUnreachable):
        for pane_id, rows in keyboard.screens(team.app.server, list(wanted)).items():
            watched = wanted[pane_id]
            with checks.alone(team, watched):
                reading = registry.kind(watched.agent.kind).read_screen(rows)
                if reading.dialog is None and reading.draft == "":
                    # What its delivery waited for may have gone.
                    watched.delivery.until = 0.0
                _pull(team, watched, Screen(reading, at_ns))


def _moves(team: Team, watched: Watched) -> bool:
    agent = watched.agent
    position = positions.of(team.app.db, agent.id).get(paneout.source(agent.generation))
    if position is None:
        return False
    raw = sourcing.raw_path(team.app.folder(agent.id), agent.generation)
    return paneout.wants_look(position.memory, files.size(raw), position.position)


def _show(team: Team) -> None:
    """Tell the status line of the private server what changed."""
    changed: list[Sequence[str]] = []
    for watched in team.watched.values():
        condition = watched.agent.condition
        text = condition.words
        pane = team.panes.of(watched.agent.id, watched.agent.generation)
        if text != watched.shown and pane is not None:
            # `-q`: a window that has gone meanwhile keeps nothing from the others.
            changed.append(("set-option", "-q", "-w", "-t", pane.window, "@tmuxagents_state", text))
            watched.shown = text
    if changed:
        with contextlib.suppress(TmuxUnreachable):
            keyboard.tell(team.app.server, changed)


@contextlib.contextmanager
def _logged(app: App):  # type: ignore[no-untyped-def]
    """A bug ends the controller with a report; the next command starts another."""
    try:
        yield
    except (DatabaseDamaged, DatabaseReplaced) as error:
        log.write(app, f"ended: {error}")
        raise
    except Exception as error:
        log.write(app, f"controller failed\n{log.described(error)}")
        raise
