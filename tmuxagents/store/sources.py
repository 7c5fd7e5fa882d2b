"""How far each source of an agent has been read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from tmuxagents.names import AgentId
from tmuxagents.store.database import Database
from tmuxagents.value import Value


class Position(Value):
    """A source, read up to byte `position`; `memory` is what its reader carries over (JSON)."""

    source: str
    position: int
    memory: str | None = None


def of(db: Database, agent_id: AgentId) -> dict[str, Position]:
    """The positions of an agent's sources, by source."""
    rows = db.read("SELECT source, position, memory FROM sources WHERE agent_id = ?", (agent_id,))
    return {row[0]: Position(row[0], row[1], row[2]) for row in rows}


def unchanged(tx: sqlite3.Connection, agent_id: AgentId, expected: Mapping[str, Position]) -> bool:
    """Whether nobody else has read on since `of`. The write lock is held, so this stays so until the commit."""
    rows = tx.execute("SELECT source, position, memory FROM sources WHERE agent_id = ?", (agent_id,)).fetchall()
    return {row[0]: Position(row[0], row[1], row[2]) for row in rows} == dict(expected)


def advance(tx: sqlite3.Connection, agent_id: AgentId, positions: Iterable[Position]) -> None:
    """Record new positions."""
    tx.executemany(
        "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT (agent_id, source)"
        " DO UPDATE SET position = excluded.position, memory = excluded.memory",
        [(agent_id, p.source, p.position, p.memory) for p in positions],
    )


def drop(tx: sqlite3.Connection, agent_id: AgentId, names: Iterable[str]) -> None:
    """Forget sources that are gone for good (spool files that were deleted)."""
    tx.executemany("DELETE FROM sources WHERE agent_id = ? AND source = ?", [(agent_id, name) for name in names])
