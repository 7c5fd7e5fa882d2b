"""Rows in a database, made through the store."""

from __future__ import annotations

import itertools
from typing import Any

from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import agents, journal
from tmuxagents.store.database import Database

_numbers = itertools.count(1)


def claim(db: Database, name: str | None = None, **more: Any) -> AgentId:
    """An agent that was claimed, by its id."""
    agent_id = AgentId(f"id-{next(_numbers)}")
    values: dict[str, Any] = {"kind": "demo", "folder": "/", "task": "a task", "options": {}, "color": 0, "now_ns": 1}
    with db.write() as tx:
        agents.claim(tx, agent_id=agent_id, name=AgentName(name) if name else None, **{**values, **more})
    return agent_id


def write(db: Database, agent_id: AgentId, *texts: str, kind: EntryKind = "text", at_ns: int = 1) -> None:
    """Entries in the journal, in one transaction."""
    with db.write() as tx:
        journal.append(tx, agent_id, 1, [NewEntry(kind, text, at_ns) for text in texts])
