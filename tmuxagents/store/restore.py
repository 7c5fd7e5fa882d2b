"""Put rows that were salvaged into a new database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from tmuxagents.store import agents
from tmuxagents.store.database import Database

_AGENT = [
    "number",
    "id",
    "name",
    "kind",
    "dir",
    "task",
    "options",
    "color",
    "created_ns",
    "started_ns",
    "generation",
    "phase",
    "server",
    "window",
    "pane",
    "pid",
    "condition",
    "state",
    "forgotten",
]
_ENTRY = ["agent", "generation", "at_ns", "kind", "text", "detail"]
_MESSAGE = ["id", "agent_id", "text", "created_ns", "state", "mark", "verdict"]

Row = Mapping[str, Any]


def agent(db: Database, row: Row) -> bool:
    """One agent; False, and nothing is kept of it, when the row makes no sense."""
    try:
        with db.write() as tx:
            _insert(tx, "agents", _AGENT, {"forgotten": 0, **row})
        return agents.by_id(db, row["id"]) is not None
    except (sqlite3.Error, ValueError, TypeError, KeyError):
        with db.write() as tx:
            tx.execute("DELETE FROM agents WHERE id = ?", (row.get("id"),))
        return False


def numbers(db: Database) -> dict[str, int]:
    """The journal's number of each agent, by id."""
    return {row[0]: row[1] for row in db.read("SELECT id, number FROM agents")}


def entries(tx: sqlite3.Connection, rows: Iterable[Row], *, keep_order: bool) -> int:
    """Journal rows whose `agent` is a number; with `keep_order` at their old places."""
    columns = ["seq", *_ENTRY] if keep_order else _ENTRY
    count = 0
    for row in rows:
        _insert(tx, "journal", columns, row)
        count += 1
    return count


def message(tx: sqlite3.Connection, row: Row) -> None:
    """One held message."""
    _insert(tx, "messages", _MESSAGE, row)


def position(tx: sqlite3.Connection, row: Row) -> None:
    """How far a source was read."""
    _insert(tx, "sources", ("agent_id", "source", "position", "memory"), row)


def counter(tx: sqlite3.Connection, name: str, value: int) -> None:
    """A counter, never lower than it is."""
    tx.execute(
        "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (name, value),
    )


def order(tx: sqlite3.Connection, behind: int) -> None:
    """Put the whole journal in the order of time, at places behind `behind`: those were given before."""
    tx.execute(
        "UPDATE journal SET seq = -place FROM"
        " (SELECT seq AS old, row_number() OVER (ORDER BY at_ns, seq) AS place FROM journal) WHERE seq = old"
    )
    tx.execute("UPDATE journal SET seq = ? - seq", (behind,))
    tx.execute("UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM journal) WHERE name = 'journal'")


def _insert(tx: sqlite3.Connection, table: str, columns: Iterable[str], row: Row) -> None:
    names = list(columns)
    marks = ", ".join("?" * len(names))
    tx.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [row.get(name) for name in names])
