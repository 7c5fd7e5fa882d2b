"""Who holds which lock and who waits for it, as it is at this moment."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files, tickets
from tmuxagents.model.lock import Holder, Lock, is_name
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents
from tmuxagents.store import locks as store
from tmuxagents.store.locks import Kept
from tmuxagents.value import as_dict

FOLDER = "locks"


def folder_of(app: App, name: str) -> Path:
    """Where the line of a lock is. All projects of a fleet share one set of names."""
    return app.state / FOLDER / name.replace("/", "%")


def every(app: App, *, but: str | None = None) -> list[Lock]:
    """Each lock that is held, kept or waited for, by name. Who has a ticket in the line of one leaves that out."""
    kept = {one.name: one for one in store.kept(app.db)}
    found = []
    for name in sorted({*kept, *_with_lines(app)} - {but}):
        queue = [holder(app, name, number, pid) for number, pid in tickets.held(folder_of(app, name))]
        if name in kept:
            # What that agent runs while the lock is kept for it takes no ticket.
            found.append(Lock(name, keeper(app, kept[name]), tuple(queue)))
        elif queue:
            found.append(Lock(name, queue[0], tuple(queue[1:])))
    return found


def held_names(app: App, *, but_run: str | None = None) -> frozenset[str]:
    """The names that nobody could have now: held, or waited for by somebody whose turn comes first. Those that are
    kept for the agents of the run `but_run` are left out."""
    return frozenset(
        lock.name
        for lock in every(app)
        if but_run is None or lock.holder is None or not lock.holder.kept or lock.holder.run != but_run
    )


def by_agent(app: App) -> Mapping[AgentId, list[tuple[str, bool]]]:
    """The locks that each agent holds or waits for: the name, and whether it holds it."""
    found: dict[AgentId, list[tuple[str, bool]]] = {}
    for lock in every(app):
        for holder in (lock.holder, *lock.waiting):
            if holder is not None and holder.agent_id:
                found.setdefault(AgentId(holder.agent_id), []).append((lock.name, holder is lock.holder))
    return found


def as_json(lock: Lock) -> dict[str, object]:
    """One lock by the contract."""
    return {
        "name": lock.name,
        "holder": _json(lock.holder) if lock.holder is not None else None,
        "waiting": [_json(one) for one in lock.waiting],
    }


def _json(one: Holder) -> dict[str, object]:
    values = dict(as_dict(one))
    since = values.pop("since_ns")
    return {**values, "command": one.command or None, "since": clock.rfc3339(since) if since else None}


def _with_lines(app: App) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError), os.scandir(app.state / FOLDER) as entries:
        for entry in entries:
            name = entry.name.replace("%", "/")
            if is_name(name) and entry.is_dir(follow_symlinks=False):
                yield name


def keeper(app: App, kept: Kept) -> Holder:
    """The agent that a lock is kept for."""
    called = _name(app, kept.agent_id)
    return Holder(called, called, kept.agent_id, None, kept.since_ns, "", kept.run, kept=True)


def holder(app: App, name: str, number: int, pid: int) -> Holder:
    """Who has that ticket of the line, as it has written down."""
    said = _slip(folder_of(app, name) / str(number))
    agent_id = said.get("agent_id")
    agent = _name(app, AgentId(agent_id)) if isinstance(agent_id, str) else None
    since = said.get("held_ns") or said.get("asked_ns")
    return Holder(
        who=agent or str(said.get("who") or "somebody"),
        agent=agent,
        agent_id=agent_id if isinstance(agent_id, str) else None,
        pid=pid if pid > 0 else None,
        since_ns=since if isinstance(since, int) else None,
        command=str(said.get("command") or ""),
    )


def _slip(path: Path) -> Mapping[str, object]:
    try:
        said = json.loads(files.read_from(path, 0, 1 << 16))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _name(app: App, agent_id: AgentId) -> str:
    found = agents.by_id(app.db, agent_id)
    return found.name if found is not None else "an agent that was removed"
