"""The process that turns sources into journal entries and acts on rules.

It sleeps until the kernel says that a source has grown, gathers what comes in the next
milliseconds, and reads on. It holds no state that matters: killed anywhere, the next one goes on
from the committed offsets.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import keyboard, snapshot, window
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import TmuxagentsError, TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, READY
from tmuxagents.model.entry import Draft
from tmuxagents.model.observation import Screen
from tmuxagents.names import AgentId
from tmuxagents.services import fleet, follow, house, paneout, reconcile, server, sourcing
from tmuxagents.services.app import App
from tmuxagents.store import agents, journal, messages
from tmuxagents.store import sources as positions

GATHER_S = 0.01
"""How long a burst is gathered before it is read."""

LOOK_S = 0.15
"""How long a screen must have been still before it is looked at; a moving one is looked at once a second."""

MOVING_S = 1.0
CHECK_S = 2.0
"""How often windows and captures are checked while a program runs: their death makes no event."""


STUMBLE_S = 1.0
"""How long the controller waits before it tries again what the system refused."""

AGAIN_S = 5.0
"""How long a held message that could not be delivered waits for its next try."""

_MESSAGE_STATES = {
    "submitted": "delivered",
    "queued": "delivered",
    "held": "held",
    "refused": "held",
    "unconfirmed": "failed",
    "gone": "failed",
}


@dataclass(slots=True)
class _Watched:
    """What the controller remembers of one agent between two wake-ups. Nothing of it is needed after a restart."""

    agent: Agent
    paths: set[Path] = field(default_factory=set)
    changed_at: float | None = None
    looked_at: float = 0.0
    dirty: bool = True
    shown: str = ""
    deliver_after: float = 0.0


@dataclass(slots=True)
class _Controller:
    app: App
    wake: Wake
    panes: Snapshot
    watched: dict[AgentId, _Watched] = field(default_factory=dict)
    owners: dict[Path, AgentId] = field(default_factory=dict)
    checked_at: float = 0.0


def run(app: App) -> bool:
    """Control the fleet until told to stop; False at once when another controller does."""
    with files.locked(app.state / "controller.lock", within=2.0) as held:
        if not held:
            return False
        files.write_whole(app.state / "controller.pid", str(os.getpid()))
        with open_wake() as wake, _logged(app):
            controller = _Controller(app, wake, snapshot.EMPTY)
            wake.watch(app.state / "agents")
            house.nudge(app)
            wake.watch(app.state / house.NUDGE)
            _recover_messages(app)
            _refresh(controller)
            while _still_wanted(app):
                try:
                    _step(controller)
                except (TmuxagentsError, OSError) as error:
                    _stumble(controller, error)
    return True


def _stumble(controller: _Controller, error: Exception) -> None:
    """A full disk or a wedged tmux is waited out: nothing was committed, so everything is read again."""
    import time

    _log(controller.app, f"waiting: {error}")
    for watched in controller.watched.values():
        watched.dirty = True
    time.sleep(STUMBLE_S)


def stop(app: App) -> int | None:
    """Ask the running controller to end; its pid, or None when none runs."""
    if not fleet.controller_runs(app):
        return None
    # It is written a moment after the lock is had.
    path = app.state / "controller.pid"
    clock.eventually(lambda: path.exists() or None, within=2.0)
    pid = int(path.read_text())
    files.write_whole(app.state / "controller.stop", str(pid))
    house.nudge(app)
    clock.eventually(lambda: None if fleet.controller_runs(app) else True, within=5.0)
    return pid


def _still_wanted(app: App) -> bool:
    request = app.state / "controller.stop"
    if request.exists():
        request.unlink(missing_ok=True)
        return False
    return True


def _step(controller: _Controller) -> None:
    changed = controller.wake.wait(_nap(controller))
    if changed:
        # A burst is one read; the gathering also keeps fifty busy agents from being fifty wake-ups.
        changed |= _gather(controller.wake)
    now = clock.monotonic()
    app = controller.app
    if changed & {app.state / "agents", app.state / house.NUDGE}:
        _refresh(controller)
    for path in changed:
        owner = controller.watched.get(controller.owners.get(path, AgentId("")))
        if owner is not None:
            _note_change(owner, path, now)
    if now - controller.checked_at >= CHECK_S:
        _check(controller)
    _look(controller, now)
    _read(controller)
    _deliver_held(controller)
    _show(controller)


def _gather(wake: Wake) -> set[Path]:
    import time

    time.sleep(GATHER_S)
    return wake.wait(0)


def _note_change(watched: _Watched, path: Path, now: float) -> None:
    if path.suffix == ".raw":
        watched.changed_at = now
        watched.dirty = watched.dirty or watched.agent.kind == "command"
    else:
        watched.dirty = True


def _nap(controller: _Controller) -> float | None:
    """How long to sleep when nothing happens: for ever when no program runs."""
    if any(w.dirty for w in controller.watched.values()):
        return 0.0
    live = [w for w in controller.watched.values() if w.agent.condition.state not in OVER]
    if not live:
        return None
    now = clock.monotonic()
    waits = [max(0.0, controller.checked_at + CHECK_S - now)]
    for watched in live:
        if watched.changed_at is not None:
            waits.append(max(0.0, _look_due(watched) - now))
        due = registry.kind(watched.agent.kind).due_ns(watched.agent.condition)
        if due is not None:
            waits.append(max(0.0, (due - clock.now_ns()) / clock.SECOND + 0.01))
    return min(waits)


def _refresh(controller: _Controller) -> None:
    """Take in agents that are new or started again, drop the forgotten."""
    app = controller.app
    known = {agent.id: agent for agent in agents.known(app.db)}
    for gone in set(controller.watched) - set(known):
        _drop(controller, gone)
    for agent in known.values():
        watched = controller.watched.get(agent.id)
        if watched is None or watched.agent.generation != agent.generation:
            _drop(controller, agent.id)
            watched = controller.watched[agent.id] = _Watched(agent)
        watched.agent = agent
        watched.dirty = agent.condition.state not in OVER or agent.phase == "stopping"
        _watch(controller, watched)
    with contextlib.suppress(TmuxagentsError):
        controller.panes = server.panes(app)


def _drop(controller: _Controller, agent_id: AgentId) -> None:
    watched = controller.watched.pop(agent_id, None)
    for path in watched.paths if watched else ():
        if controller.owners.get(path) == agent_id:
            controller.owners.pop(path)
            controller.wake.forget(path)


def _watch(controller: _Controller, watched: _Watched) -> None:
    """Watch every source that is there; those that come later are found when their folder changes."""
    agent, folder = watched.agent, controller.app.folder(watched.agent.id)
    if agent.condition.state in OVER and agent.phase != "stopping":
        return
    wanted = registry.kind(agent.kind).sources(agent.condition, folder)
    paths = [folder, folder / "spool", folder / f"pane.{agent.generation}.raw", *wanted.transcripts.values()]
    for transcript in wanted.transcripts.values():
        subagents = transcript.parent / transcript.stem / "subagents"
        paths += [subagents, *subagents.glob("agent-*.jsonl")] if subagents.is_dir() else []
        if not transcript.exists() and transcript.parent.is_dir():
            paths.append(transcript.parent)
    if wanted.self_reports is not None:
        pid = sourcing.program_pid(folder, agent.generation)
        paths.append(wanted.self_reports / f"{pid}.json")
    for path in paths:
        if path not in watched.paths and controller.wake.watch(path):
            watched.paths.add(path)
            controller.owners[path] = agent.id


def _read(controller: _Controller) -> None:
    for watched in list(controller.watched.values()):
        due = registry.kind(watched.agent.kind).due_ns(watched.agent.condition)
        if watched.dirty or (due is not None and due <= clock.now_ns()):
            watched.dirty = False
            _pull(controller, watched, None)


def _pull(controller: _Controller, watched: _Watched, screen: Screen | None) -> None:
    app, agent = controller.app, watched.agent
    pane = controller.panes.of(agent.id, agent.generation)
    if pane is None and agent.kind == "command" and agent.condition.state not in OVER:
        # Its window is newer than our look at them; without it a screen would be read after the end.
        with contextlib.suppress(TmuxagentsError):
            controller.panes = server.panes(app)
        pane = controller.panes.of(agent.id, agent.generation)
    follow.pull(app, agent, pane=pane, screen=screen)
    now = agents.by_id(app.db, agent.id)
    if now is None:
        return
    if now.condition.state in OVER and agent.condition.state not in OVER and pane is not None:
        from tmuxagents.services import stop as stopping

        stopping.save_screen(app, now, pane)
    watched.agent = now
    _watch(controller, watched)


def _look_due(watched: _Watched) -> float:
    """A still screen soon, a moving one (a spinner) once a second."""
    assert watched.changed_at is not None
    return min(watched.changed_at + LOOK_S, max(watched.looked_at + MOVING_S, watched.changed_at))


def _look(controller: _Controller, now: float) -> None:
    """Look at the screens that have changed, all in one call."""
    due = [w for w in controller.watched.values() if w.changed_at is not None and _look_due(w) <= now]
    wanted: dict[str, _Watched] = {}
    for watched in due:
        if watched.agent.kind == "command":
            # Its own reader looks, twice: once moving, once still.
            watched.dirty = True
            watched.changed_at = now if _moves(controller, watched) else None
            watched.looked_at = now
            continue
        pane = controller.panes.of(watched.agent.id, watched.agent.generation)
        watched.changed_at, watched.looked_at = None, now
        if pane is not None and not pane.dead and watched.agent.condition.state not in OVER:
            wanted[pane.pane] = watched
    if not wanted:
        return
    with contextlib.suppress(TmuxUnreachable):
        for pane_id, rows in keyboard.screens(controller.app.server, list(wanted)).items():
            watched = wanted[pane_id]
            reading = registry.kind(watched.agent.kind).read_screen(rows)
            _pull(controller, watched, Screen(reading, clock.now_ns()))


def _moves(controller: _Controller, watched: _Watched) -> bool:
    agent = watched.agent
    position = positions.of(controller.app.db, agent.id).get(paneout.source(agent.generation))
    if position is None:
        return False
    raw = controller.app.folder(agent.id) / f"pane.{agent.generation}.raw"
    return paneout.wants_look(position.memory, files.size(raw), position.position)


def _check(controller: _Controller) -> None:
    """Windows that are gone, captures that have died, agents that are out of time."""
    controller.checked_at = clock.monotonic()
    app = controller.app
    try:
        controller.panes = server.panes(app)
    except TmuxagentsError:
        return
    watched_agents = [w.agent for w in controller.watched.values()]
    if any(agent.phase == "claimed" for agent in watched_agents):
        reconcile.finish_claims(app, controller.panes)
        _refresh(controller)
    if any(fleet.is_gone(agent, controller.panes) for agent in watched_agents):
        for lost in follow.record_lost(app, controller.panes):
            if lost.id in controller.watched:
                controller.watched[lost.id].dirty = True
    for watched in controller.watched.values():
        _check_exit(controller, watched)
        _check_capture(controller, watched)
        _check_time(controller, watched)
        _cap_raw(controller, watched)


def _check_exit(controller: _Controller, watched: _Watched) -> None:
    """An exit record that was there before the last bytes of its terminal, which may never come."""
    agent = watched.agent
    if agent.condition.state not in OVER:
        record = sourcing.exit_path(controller.app.folder(agent.id), agent.generation)
        watched.dirty = watched.dirty or record.exists()


def _check_capture(controller: _Controller, watched: _Watched) -> None:
    """A capture dies without a word (a full disk, a killed `cat`); it is started again and the gap marked."""
    agent = watched.agent
    pane = controller.panes.of(agent.id, agent.generation)
    if pane is None or pane.dead or pane.piped or agent.condition.state in OVER:
        return
    raw = controller.app.folder(agent.id) / f"pane.{agent.generation}.raw"
    with contextlib.suppress(TmuxUnreachable):
        window.capture(controller.app.server, pane.pane, raw)
        with controller.app.db.write() as tx:
            gap = Draft("gap", "its terminal was not recorded for a moment", clock.now_ns())
            journal.append(tx, agent.id, agent.generation, [gap])


def _cap_raw(controller: _Controller, watched: _Watched) -> None:
    """Give back the disk under raw output that has been read: a hole is punched over its head, so that
    nothing moves for the `cat` that appends (cutting the file lost up to 10 of 60 MB)."""
    app, agent = controller.app, watched.agent
    raw = app.folder(agent.id) / f"pane.{agent.generation}.raw"
    if files.disk_bytes(raw) <= app.config.raw_limit_mb * 1_000_000:
        return
    end = files.size(raw)
    if agent.kind == "command":
        position = positions.of(app.db, agent.id).get(paneout.source(agent.generation))
        end = position.position if position is not None else 0
    files.punch(raw, end)


def _check_time(controller: _Controller, watched: _Watched) -> None:
    agent = watched.agent
    limit = agent.options.get("timeout_s")
    if not limit or agent.condition.state in OVER or agent.phase != "running":
        return
    if clock.now_ns() - agent.started_ns < float(limit) * clock.SECOND:
        return
    from tmuxagents.services import stop as stopping

    with controller.app.db.write() as tx:
        out_of_time = Draft("error", f"stopped: its timeout of {float(limit):g} s has passed", clock.now_ns())
        journal.append(tx, agent.id, agent.generation, [out_of_time])
    stopping.stop(controller.app, [agent], ask=2.0, terminate=2.0)
    watched.dirty = True


def _deliver_held(controller: _Controller) -> None:
    """The oldest held message of each agent that is ready; the next one after that turn."""
    app = controller.app
    first: dict[AgentId, messages.Message] = {}
    now = clock.monotonic()
    ready = {i for i, w in controller.watched.items() if w.agent.condition.state in READY and w.deliver_after <= now}
    if not ready:
        return
    for message in messages.held(app.db):
        if message.agent_id in ready:
            first.setdefault(message.agent_id, message)
    for message in first.values():
        _deliver(controller, message)


def _deliver(controller: _Controller, message: messages.Message) -> None:
    from tmuxagents.services import say

    app = controller.app
    watched = controller.watched[message.agent_id]
    with app.db.write() as tx:
        if not messages.take(tx, message.id):
            return
    try:
        verdict = say.deliver(app, message.agent_id, message.text, keep=False)
    except TmuxagentsError as error:
        verdict = say.Verdict("refused", error.message)
    # Refused (a dialog) and held (a person types) wait on, at their place in the queue.
    state = _MESSAGE_STATES[verdict.word]
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


def _recover_messages(app: App) -> None:
    """A message whose deliverer was killed: delivered if the agent has it, held again if not."""
    from tmuxagents.kinds.prompts import digest

    for message, mark in messages.interrupted(app.db):
        agent = agents.by_id(app.db, message.agent_id)
        if agent is not None:
            follow.pull(app, agent)
        found = journal.after(app.db, mark, agents=[message.agent_id], kinds=["receipt"], limit=100_000)
        there = any(e.detail.get("digest") == digest(message.text) for e in found)
        with app.db.write() as tx:
            state = "delivered" if there else "held"
            messages.settle(tx, message.id, state=state, verdict="its deliverer was killed")


def _show(controller: _Controller) -> None:
    """Tell the status line of the private server what changed."""
    changed: list[Sequence[str]] = []
    for watched in controller.watched.values():
        condition = watched.agent.condition
        text = f"needs {condition.needs}" if condition.needs else condition.state
        pane = controller.panes.of(watched.agent.id, watched.agent.generation)
        if text != watched.shown and pane is not None:
            changed.append(("set-option", "-w", "-t", pane.window, "@tmuxagents_state", text))
            watched.shown = text
    if changed:
        with contextlib.suppress(TmuxUnreachable):
            keyboard.tell(controller.app.server, changed)


@contextlib.contextmanager
def _logged(app: App):  # type: ignore[no-untyped-def]
    """A bug ends the controller with a report; the next command starts another."""
    try:
        yield
    except Exception:
        import traceback

        _log(app, f"controller failed\n{traceback.format_exc()}")
        raise


def _log(app: App, words: str) -> None:
    with contextlib.suppress(OSError), open(app.state / "controller.log", "a", opener=_private) as log:
        log.write(f"{clock.rfc3339(clock.now_ns())} {words}\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
