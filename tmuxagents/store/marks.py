"""How far a person has read what each agent said and did: a place in the journal, kept as a counter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tmuxagents.model.entry import HIDDEN
from tmuxagents.names import AgentId

if TYPE_CHECKING:
    import sqlite3

    from tmuxagents.store.database import Database

MOST = 100
"""Entries that are counted at most: `ls` is asked every second."""

PREFIX = "seen:"

_PLACE = f"coalesce((SELECT value FROM counters WHERE name = '{PREFIX}' || a.id), 0)"

OWN: frozenset[str] = frozenset({"spawned", "prompt", "decision"})
"""What a person did: nothing new to them."""

_NEWS = f"j.kind NOT IN ({', '.join(repr(kind) for kind in sorted(HIDDEN | OWN))})"

UNREAD = (
    "SELECT a.id, (SELECT count(*) FROM (SELECT 1 FROM journal j WHERE j.agent = a.number"
    f" AND j.seq > {_PLACE} AND {_NEWS} LIMIT {MOST})) FROM agents a WHERE a.forgotten = 0"
)


def unread(db: Database) -> dict[AgentId, int]:
    """How many entries of each agent nobody has been shown, `MOST` for that many or more."""
    rows = db.read(UNREAD)
    return {AgentId(row[0]): row[1] for row in rows}


def places(db: Database) -> dict[AgentId, int]:
    """How far each agent was read, those that are forgotten too; 0 where nothing was."""
    return {AgentId(row[0]): row[1] for row in db.read(f"SELECT a.id, {_PLACE} FROM agents a ORDER BY a.number")}


def follows(db: Database, agent: AgentId, seq: int) -> bool:
    """Whether nothing of that agent is unread before that place."""
    rows = db.read(
        "SELECT 1 FROM agents a JOIN journal j ON j.agent = a.number"
        f" WHERE a.id = ? AND j.seq > {_PLACE} AND j.seq < ? AND {_NEWS} LIMIT 1",
        (agent, seq),
    )
    return not rows


def move(db: Database, read: Mapping[AgentId, int]) -> None:
    """Each agent was read so far; a mark never goes back."""
    with db.write() as tx:
        put(tx, read)


def put(tx: sqlite3.Connection, read: Mapping[AgentId, int]) -> None:
    """The same, in a transaction."""
    tx.executemany(
        "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        [(f"{PREFIX}{agent}", seq) for agent, seq in read.items()],
    )
