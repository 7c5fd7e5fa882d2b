"""The named locks that are kept for agents while a task of theirs runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tmuxagents.names import AgentId
from tmuxagents.store.database import Database
from tmuxagents.value import Value


class Kept(Value):
    """A lock that is kept for an agent: for which run, and since when."""

    name: str
    agent_id: AgentId
    run: str | None
    since_ns: int


def kept(db: Database) -> list[Kept]:
    """Every lock that is kept, by name. What is kept for an agent that was removed is free."""
    sql = "SELECT l.name, l.agent_id, l.run, l.since_ns FROM locks l JOIN agents a ON a.id = l.agent_id"
    rows = db.read(f"{sql} WHERE a.forgotten = 0 ORDER BY l.name")
    return [Kept(row[0], AgentId(row[1]), row[2], row[3]) for row in rows]


def keep(tx: sqlite3.Connection, names: Sequence[str], agent_id: AgentId, *, run: str | None, now_ns: int) -> bool:
    """Keep all of these for that agent; False, and nothing is kept, where one is kept for another."""
    tx.execute("DELETE FROM locks WHERE agent_id IN (SELECT id FROM agents WHERE forgotten = 1)")
    for name in names:
        row = tx.execute("SELECT agent_id FROM locks WHERE name = ?", (name,)).fetchone()
        if row is not None and row[0] != agent_id:
            return False
    row_of = "INSERT INTO locks (name, agent_id, run, since_ns) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING"
    tx.executemany(row_of, [(name, agent_id, run, now_ns) for name in names])
    return True


def give_back(tx: sqlite3.Connection, agent_id: AgentId) -> int:
    """Give back what is kept for that agent; says how many there were."""
    return tx.execute("DELETE FROM locks WHERE agent_id = ?", (agent_id,)).rowcount
