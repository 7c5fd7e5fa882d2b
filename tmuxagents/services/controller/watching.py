"""Which agents there are to watch, and the files that tell of each."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Lines, Reader, Reports, Terminal
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.services import agent_folder
from tmuxagents.services.controller import projects, runs
from tmuxagents.services.controller.isolation import alone
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.services.ingest import ingest
from tmuxagents.services.server import controller_alive
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents

INDEX_S = 1.0
"""How long nothing must have been said before words are indexed."""


def refresh(team: Team) -> None:
    """Take in agents that are new or started again, drop the forgotten."""
    app = team.app
    nudged = controller_alive.nudged(app)
    # Others have written entries, or left some when they ended.
    team.index_at = clock.monotonic() + INDEX_S
    known = {agent.id: agent for agent in agents.known(app.db)}
    for gone in set(team.watched) - set(known):
        _drop(team, gone)
    projects.refresh(team, list(known.values()))
    # Whoever has nudged may have made room, or have let a run go on.
    team.line.seen = ()
    runs.refresh(team)
    for agent in known.values():
        watched = team.watched.get(agent.id)
        if watched is None or watched.agent.generation != agent.generation:
            _drop(team, agent.id)
            # Its screen may have come to rest before it was watched: a dialog that waits is drawn once.
            watched = team.watched[agent.id] = Watched(agent, changed_at=clock.monotonic())
        begun = watched.agent.phase == "queued" != agent.phase
        watched.agent = agent
        watched.dirty = agent.condition.state not in OVER or agent.phase == "stopping"
        if agent.phase == "queued":
            # It has neither sources nor a screen yet.
            watched.dirty, watched.changed_at = False, None
            continue
        if begun:
            watched.changed_at = clock.monotonic()
        with alone(team, watched):
            watch(team, watched)
    with contextlib.suppress(TmuxagentsError):
        team.panes = panes_now(app)
    team.turns.answered(nudged)


def _paths(reader: Reader, agent: Agent, folder: Path) -> list[Path]:
    match reader:
        case Lines(path=path, beside=beside):
            near = [beside[0], *beside[0].glob(beside[1])] if beside is not None and beside[0].is_dir() else []
            # One that is not there yet is found when its folder changes.
            return [path, *near, *([path.parent] if not path.exists() and path.parent.is_dir() else [])]
        case Reports(folder=reports):
            return [reports / f"{agent_folder.program_pid(folder, agent.generation)}.json"]
        case Terminal():
            return []


def note_change(watched: Watched, path: Path, now: float) -> None:
    if path.suffix == ".raw":
        watched.changed_at = now
        watched.dirty = watched.dirty or watched.terminal
    else:
        watched.dirty = True


def watch(team: Team, watched: Watched) -> None:
    """Watch every source that is there; those that come later are found when their folder changes."""
    agent, folder = watched.agent, team.app.folder(watched.agent.id)
    if agent.condition.state in OVER and agent.phase != "stopping":
        return
    wanted = registry.kind(agent.kind).readers(agent.condition, folder)
    watched.terminal = ingest.reads_terminal(wanted)
    paths = [folder, folder / "spool", *(path for reader in wanted for path in _paths(reader, agent, folder))]
    raw = agent_folder.raw_path(folder, agent.generation)
    for path in [*paths, raw]:
        if path not in watched.paths and team.wake.watch(path, bulk=path is raw):
            watched.paths.add(path)
            team.owners[path] = agent.id


def _drop(team: Team, agent_id: AgentId) -> None:
    watched = team.watched.pop(agent_id, None)
    for path in watched.paths if watched else ():
        if team.owners.get(path) == agent_id:
            team.owners.pop(path)
            team.wake.forget(path)
