"""End agents in three steps, and leave everything they made."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Sequence
from typing import Literal

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.drivers.process import Process
from tmuxagents.drivers.tmux import keyboard, window
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.kinds.tui import plain
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.done import done
from tmuxagents.services.fleet import lost
from tmuxagents.services.ingest import agent_file, ingest
from tmuxagents.services.server.panes import panes_now
from tmuxagents.services.talk import terminal
from tmuxagents.services.talk.delivery import unless_dialog
from tmuxagents.services.talk.steps import Paste, Press, Talk, act, look
from tmuxagents.services.talk.terminal import perform
from tmuxagents.store import agents
from tmuxagents.value import Value

How = Literal["was over", "asked", "terminated", "killed", "dropped"]


START_S = 30.0
"""How long a start that is under way is waited for: a worktree may take its time."""


class Stopped(Value):
    """How an agent ended; `dropped` from the queue, in which it waited."""

    agent: Agent
    how: How


def stop(app: App, chosen: Sequence[Agent], *, ask: float = 5.0, terminate: float = 5.0) -> list[Stopped]:
    """Ask the programs to end, terminate those that did not within `ask` seconds, kill the rest
    `terminate` seconds later. Conversation and journal stay; the windows are closed. Who is queued leaves the queue."""
    # First: the end of the others makes room for them.
    stopped = {one.agent.id: one for one in _dropped(app, chosen)}
    rest = [_begun(app, agent) for agent in chosen if agent.id not in stopped]
    stopped |= {one.agent.id: one for one in _stopped(app, rest, ask=ask, terminate=terminate)}
    return [stopped[agent.id] for agent in chosen]


def _dropped(app: App, chosen: Sequence[Agent]) -> list[Stopped]:
    waiting = [agent for agent in chosen if agent.phase == "queued"]
    if not waiting:
        return []
    from tmuxagents.services.lifecycle import queued

    return [Stopped(now, "dropped") for agent in waiting if (now := queued.drop(app, agent.id)) is not None]


def _begun(app: App, agent: Agent) -> Agent:
    """The agent when its start is not under way any more: a program that comes a moment later would run on."""
    if agent.phase not in ("queued", "claimed"):
        return agent

    def settled() -> Agent | None:
        now = agents.by_id(app.db, agent.id)
        by = now.claimer if now is not None and now.phase == "claimed" else None
        return None if by is not None and process.lives(Process(by.pid, by.mark)) else now

    return clock.eventually(settled, within=START_S) or agents.by_id(app.db, agent.id) or agent


def _stopped(app: App, chosen: Sequence[Agent], *, ask: float, terminate: float) -> list[Stopped]:
    if not chosen:
        return []
    panes = panes_now(app)
    living = {a.id: p for a in chosen if (p := panes.of(a.id, a.generation)) is not None and not p.dead}
    # Who has these pids now: when it is time to signal they may be others'.
    starters = {agent_id: process.known(pane.pid) for agent_id, pane in living.items()}
    with app.db.write() as tx:
        for agent in chosen:
            if agent.condition.state not in OVER:
                agents.set_phase(tx, agent.id, "stopping")
            elif agent.condition.is_limited:
                # It would go on when the limit is over that has ended it.
                agents.set_phase(tx, agent.id, "stopped")
    how: dict[str, How] = {agent.id: "was over" for agent in chosen}
    rest = [agent for agent in chosen if agent.id in living]
    steps: list[tuple[How, Callable[[Agent, PaneNow], None], float]] = [
        ("asked", lambda agent, pane: _ask(app, agent, pane), ask),
        ("terminated", lambda agent, pane: _signal(starters[agent.id], signal.SIGTERM), terminate),
        ("killed", lambda agent, pane: _signal(starters[agent.id], signal.SIGKILL), 2.0),
    ]
    for word, do, grace in steps:
        for agent in rest:
            do(agent, living[agent.id])
            how[agent.id] = word
        rest = _still_running(app, rest, grace)
    ended = {a.id: done(_told(a, how[a.id], runs=a in rest), f"tmuxagents show {a.name}") for a in chosen}
    finished: list[Stopped] = []
    for agent in chosen:
        with ended[agent.id]:
            finished.append(Stopped(_finish(app, agent, panes.of(agent.id, agent.generation)), how[agent.id]))
    return finished


def _told(agent: Agent, how: How, *, runs: bool) -> str:
    if how == "was over":
        return f"{agent.name} was over"
    return f"{agent.name} was told to end" if runs else f"{agent.name} has ended ({how})"


def _ask(app: App, agent: Agent, pane: PaneNow) -> None:
    """Type the program's own word for leaving, only into an empty input box."""
    kind = registry.kind(agent.kind)
    if kind.QUIT is None or agent.condition.state == "working" or agent.condition.set_up:
        return
    with contextlib.suppress(TmuxUnreachable):
        perform(_leaving(kind, kind.QUIT), terminal.of(app, agent, pane))


def _leaving(kind: Kind, words: str) -> Talk[None]:
    seen = yield from look()
    if seen.reading.draft != "" or seen.stuck or (yield from act(Paste(words, unless=kind.FOOTER))) != "done":
        return
    began = seen.at
    while not seen.reading.draft and seen.at - began < 1.0:
        seen = yield from look(0.02)
    if not seen.reading.draft or seen.stuck:
        return
    yield from unless_dialog(kind, Press((kind.SUBMIT,)))


def _signal(starter: Process | None, number: signal.Signals) -> None:
    """Signal what runs below the starter, which stays to record the exit."""
    if starter is not None:
        process.send(process.below(starter), number)


def _still_running(app: App, rest: Sequence[Agent], grace: float) -> list[Agent]:
    def running() -> list[Agent]:
        return [a for a in rest if not files.exists(agent_folder.exit_path(app.folder(a.id), a.generation))]

    clock.eventually(lambda: None if running() else True, within=grace)
    return running()


def _finish(app: App, agent: Agent, pane: PaneNow | None) -> Agent:
    """Record the end, keep the last screen, close the window."""
    if files.exists(agent_folder.exit_path(app.folder(agent.id), agent.generation)):
        # What it printed last may not be in the raw file yet, and closing the window would lose it.
        clock.eventually(lambda: _recorded(app, agent, pane), within=3.0)
    if pane is not None:
        save_screen(app, agent, pane)
        window.close(app.server, pane.window)
    ingest.pull(app, agent)
    lost.record_lost(app, panes_now(app))
    if agent.condition.state not in OVER or agent.condition.state == "lost":
        # Who had ended by itself was not stopped: `resume all` would start it again.
        with app.db.write() as tx:
            agents.set_phase(tx, agent.id, "stopped")
    agent_file.keep(app, agent.id)
    now = agents.by_id(app.db, agent.id)
    assert now is not None
    return now


def _recorded(app: App, agent: Agent, pane: PaneNow | None) -> bool | None:
    ingest.pull(app, agent, pane=pane)
    now = agents.by_id(app.db, agent.id)
    return True if now is None or now.condition.state in OVER else None


def save_screen(app: App, agent: Agent, pane: PaneNow) -> None:
    """Write `last-screen.txt`; a pane that cannot be read leaves the older one."""
    try:
        rows = plain(keyboard.screen(app.server, pane.pane))
    except TmuxUnreachable:
        return
    files.write_whole(app.folder(agent.id) / "last-screen.txt", "\n".join(rows).rstrip() + "\n")
