"""The process that turns sources into journal entries and acts on rules.

It sleeps until the kernel says that a source has grown, gathers what comes in the next
milliseconds, and reads on. It holds no state that matters: killed anywhere, the next one goes on
from the committed offsets.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import snapshot
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import (
    DatabaseDamaged,
    DatabaseReplaced,
    DiskFull,
    StateGone,
    TmuxagentsError,
)
from tmuxagents.kinds import folding, registry
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller import (
    anew,
    budgets,
    limits,
    log,
    notices,
    outbox,
    projects,
    pulls,
    queue,
    reading,
    rules,
    runs,
    scopes,
    screens,
    status_line,
)
from tmuxagents.services.controller.background import Beside, Ended
from tmuxagents.services.controller.team import Team
from tmuxagents.services.controller.watching import note_change, refresh
from tmuxagents.services.notices import wanted
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.store import journal

GATHER_S = 0.01
"""How long a burst is gathered before it is read."""

LEAVE_S = 2.0
"""How long a delivery under way may take to end when the controller is told to."""

REPLACED_S = 3.0
"""How long our program must have been another before we leave for it: longer than an installation takes."""

_ENDS = (DatabaseDamaged, DatabaseReplaced, StateGone)
"""What this controller does not outlive: it is another's fleet by now, or none. Where its directory is put back, who
comes next starts one."""

STUMBLE_S = 1.0
"""How long the controller waits before it tries again what the system refused."""


def run(app: App) -> bool:
    """Control the fleet until told to stop; False at once when another controller does. SystemExit where our program
    was replaced."""
    with files.locked(app.state / "controller.lock", within=2.0) as free:
        if not free:
            controller_alive.leave(app, os.getpid())
            return False
        with open_wake() as wake, _logged(app):
            team = Team(app, wake, snapshot.EMPTY, Beside(app, wake))
            # In another database it begins anew, in this very process: what it told before would be told for ever.
            with contextlib.closing(team.turns):
                _control(team)
    return True


def _control(team: Team) -> None:
    team.turns.open(team.app.state / controller_alive.TURN)
    team.turns.due(clock.monotonic())
    _take_over(team.app)
    while _still_wanted(team.app):
        _leave_when_replaced(team)
        try:
            if not team.began:
                _begin(team)
            _step(team)
        except _ENDS:
            raise
        except (TmuxagentsError, OSError) as error:
            if not team.app.state.is_dir():
                raise StateGone(team.app.state) from error
            _stumble(team, error)
    team.beside.finish(LEAVE_S)


def _leave_when_replaced(team: Team) -> None:
    """Die, so that the server starts the new one, when our own files have been others for a while: what is not loaded
    yet would be of another version."""
    now = _program()
    if now is None or now == _LOADED:
        team.leave_at = None
    elif team.leave_at is None:
        team.leave_at = clock.monotonic() + REPLACED_S
    elif clock.monotonic() >= team.leave_at:
        raise SystemExit(os.EX_TEMPFAIL)


def _program() -> Mark | None:
    """Changes when our program is replaced; None while it is being."""
    import tmuxagents

    try:
        found = os.stat(tmuxagents.__file__ or "")
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


Mark = tuple[int, int]

_LOADED = _program()
"""As it was when we were loaded."""


def _take_over(app: App) -> None:
    """Say who controls now, and have the server watch over it."""
    # A request that the one before did not live to hear is not ours.
    (app.state / "controller.stop").unlink(missing_ok=True)
    # On a full disk the kernel alone says who controls.
    with contextlib.suppress(OSError):
        files.write_whole(app.state / "controller.pid", str(os.getpid()))
    with contextlib.suppress(OSError):
        controller_alive.leave(app, None)
    startup.watch_over(app)


def _begin(team: Team) -> None:
    """In the loop, because a full disk may refuse it."""
    app = team.app
    team.wake.watch(app.state / "agents")
    controller_alive.nudge(app)
    team.wake.watch(app.state / controller_alive.NUDGE)
    wanted.settings(app, keep=True)
    queue.take_over(team)
    runs.take_over(team)
    refresh(team)
    team.began = True


def _stumble(team: Team, error: Exception) -> None:
    """A full disk or a wedged tmux is waited out: nothing was committed, so everything is read again."""
    import time

    log.write(team.app, f"waiting: {error}")
    if isinstance(error, DiskFull) or getattr(error, "errno", None) == errno.ENOSPC:
        rules.note_full(team)
    for watched in team.watched.values():
        watched.dirty = True
    team.turns.due(clock.monotonic() + STUMBLE_S)
    time.sleep(STUMBLE_S)


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
    if changed & {app.state / "agents", app.state / controller_alive.NUDGE}:
        refresh(team)
    for path in changed:
        owner = team.watched.get(team.owners.get(path, AgentId("")))
        if owner is not None:
            note_change(owner, path, now)
    projects.note_changed(team, changed)
    if now - team.checked_at >= rules.EVERY_S and rules.check(team):
        refresh(team)
    _take_in(team)
    screens.look(team, now)
    reading.read(team)
    scopes.look(team)
    budgets.look(team)
    limits.look(team)
    anew.begin_due(team)
    runs.go_on(team)
    queue.begin_next(team)
    outbox.deliver_due(team)
    notices.call(team)
    projects.look(team)
    pulls.watch(team)
    status_line.show(team)
    _index(team, now)


def _take_in(team: Team) -> None:
    """What was done beside the loop and has ended."""
    for ended in team.beside.ended():
        if isinstance(ended.error, _ENDS):
            raise ended.error
        if ended.error is not None:
            log.write(team.app, f"{ended.key}: {log.described(ended.error)}")
        what, which = ended.key if isinstance(ended.key, tuple) else (ended.key, "")
        take_in = _TAKERS.get(str(what))
        if take_in is not None:
            take_in(team, str(which), ended)


_TAKERS: Mapping[str, Callable[[Team, str, Ended], None]] = {
    "deliver": lambda team, which, ended: outbox.note(team, AgentId(which), ended),
    "notices": lambda team, _, ended: notices.note(team, ended),
    "scope": lambda team, which, ended: scopes.note(team, ended, AgentId(which)),
    "projects": projects.note,
    "begin": lambda team, which, ended: queue.note(team, AgentId(which), ended),
    "run": runs.note,
    "pull": lambda team, _, ended: pulls.note(team, ended),
    "stop": lambda team, which, ended: runs.note_acted(team, AgentId(which), ended),
    "interrupt": lambda team, which, ended: runs.note_acted(team, AgentId(which), ended),
    "revive": lambda team, which, ended: runs.note_acted(team, AgentId(which), ended),
}
"""By the first word of its key, who takes in what was done beside the loop; `which` is the second."""


def _gather(wake: Wake) -> set[Path]:
    import time

    time.sleep(GATHER_S)
    return wake.wait(0)


def _nap(team: Team) -> float | None:
    """How long to sleep when nothing happens: for ever when no program runs."""
    now = clock.monotonic()
    if _unread(team, now):
        return 0.0
    live = [w for w in team.watched.values() if w.agent.phase != "queued" and w.agent.condition.state not in OVER]
    own = (team.call_at, team.look_at, team.pull_at, team.continue_at, team.line.look_at)
    beside = (*own, team.leave_at, scopes.next_at(team), runs.next_at(team))
    waits = [max(0.0, at - now) for at in beside if at is not None]
    if not live and team.index_at is None and team.recover_at is None:
        return min(waits, default=None)
    waits.append(max(0.0, team.checked_at + rules.EVERY_S - now))
    if team.index_at is not None:
        waits.append(max(0.0, team.index_at - now))
    for watched in live:
        if watched.changed_at is not None:
            waits.append(max(0.0, screens.due_at(watched) - now))
        due = folding.due_in(registry.kind(watched.agent.kind), watched.agent.condition, clock.now_ns())
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


@contextlib.contextmanager
def _logged(app: App):  # type: ignore[no-untyped-def]
    """A bug ends the controller with a report; the next command starts another."""
    try:
        yield
    except _ENDS as error:
        log.write(app, f"ended: {error}")
        raise
    except Exception as error:
        log.write(app, f"controller failed\n{log.described(error)}")
        raise
