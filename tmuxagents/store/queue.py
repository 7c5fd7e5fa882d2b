"""Who waits for room to begin, in which order, and whose turn was last."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tmuxagents.model.room import Load, Waiting, in_order, round_for
from tmuxagents.names import AgentId
from tmuxagents.store.database import Database

Transaction = sqlite3.Connection

ROUND = "queue"
"""The counter of the round in which somebody has begun last."""

_LINE = (
    "SELECT q.agent_id, q.owner, q.round, q.place, q.now, q.why, r.id FROM queue q JOIN agents a ON a.id = q.agent_id"
    " LEFT JOIN runs r ON r.id = q.owner AND r.state = 'paused' WHERE a.phase = 'queued' AND a.forgotten = 0"
)


def line(db: Database) -> list[Waiting]:
    """Those that wait, in the order in which they begin."""
    return in_order(_read(row) for row in db.read(_LINE))


def waiting(tx: Transaction) -> list[Waiting]:
    """The same, read inside a transaction."""
    return in_order(_read(row) for row in tx.execute(_LINE))


def is_empty(tx: Transaction) -> bool:
    """Whether nobody waits whose turn could come."""
    return tx.execute("SELECT 1 FROM queue LIMIT 1").fetchone() is None or all(one.held for one in waiting(tx))


def has(tx: Transaction, agent_id: AgentId) -> bool:
    """Whether it waits, or is being begun out of the queue."""
    return tx.execute("SELECT 1 FROM queue WHERE agent_id = ?", (agent_id,)).fetchone() is not None


def join(tx: Transaction, agent_id: AgentId, *, owner: str, now: bool = False, why: str = "") -> int:
    """Stand in the line; returns the place in it, counted from 1."""
    round_ = round_for(owner, waiting(tx), current_round(tx))
    last = tx.execute("SELECT coalesce(max(place), 0) FROM queue").fetchone()[0]
    tx.execute("INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?)", (agent_id, last + 1, round_, owner, now, why))
    return place_of(waiting(tx), agent_id)


def place_of(line: Iterable[Waiting], agent_id: str) -> int:
    """Its place in the line, counted from 1; 0 where it is not in it."""
    return next((number for number, one in enumerate(line, 1) if one.agent_id == agent_id), 0)


def leave(tx: Transaction, agent_id: AgentId) -> None:
    """It waits no more: it runs, has failed, or was dropped."""
    tx.execute("DELETE FROM queue WHERE agent_id = ?", (agent_id,))


def note_round(tx: Transaction, agent_id: AgentId) -> None:
    """Its turn has come. It keeps its place until it runs: one whose start is cut off is the next again."""
    sql = (
        "INSERT INTO counters SELECT ?, round FROM queue WHERE agent_id = ?"
        " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)"
    )
    tx.execute(sql, (ROUND, agent_id))


def current_round(tx: Transaction) -> int:
    """The round in which somebody has begun last."""
    row = tx.execute("SELECT value FROM counters WHERE name = ?", (ROUND,)).fetchone()
    return int(row[0]) if row is not None else 0


def arrange(tx: Transaction, line: Iterable[Waiting]) -> None:
    """Record the line as it is given."""
    rows = [(one.round, one.place, one.now, one.agent_id) for one in line]
    tx.executemany("UPDATE queue SET round = ?, place = ?, now = ? WHERE agent_id = ?", rows)


def note_why(tx: Transaction, why: str) -> None:
    """What holds the line back."""
    tx.execute("UPDATE queue SET why = ? WHERE why != ?", (why, why))


def load(tx: Transaction) -> Load:
    """How many are at work, as recorded."""
    sql = "SELECT state, count(*) FROM agents WHERE forgotten = 0 AND state IN ('starting', 'working') GROUP BY state"
    found = {row[0]: int(row[1]) for row in tx.execute(sql)}
    return Load(busy=sum(found.values()), starting=found.get("starting", 0))


def strays(db: Database) -> list[AgentId]:
    """Agents that are queued and stand in no line: their rows were lost with a damaged database."""
    sql = "SELECT id FROM agents WHERE phase = 'queued' AND forgotten = 0 AND id NOT IN (SELECT agent_id FROM queue)"
    return [AgentId(row[0]) for row in db.read(f"{sql} ORDER BY created_ns")]


def _read(row: sqlite3.Row) -> Waiting:
    held = "its run is paused" if row[6] is not None else ""
    return Waiting(row[0], row[1], row[2], row[3], bool(row[4]), row[5], held)
