"""The pull request of each agent's branch, and what of it was told or judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tmuxagents.model import codec
from tmuxagents.model.pull import Pull
from tmuxagents.names import AgentId

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tmuxagents.store.database import Database


def known(db: Database) -> dict[AgentId, Pull]:
    """That of each agent that has one."""
    return {AgentId(row[0]): _read(row[1]) for row in db.read("SELECT agent_id, pull FROM pulls")}


def of(db: Database, agent_id: AgentId) -> Pull | None:
    """That of one agent."""
    rows = db.read("SELECT pull FROM pulls WHERE agent_id = ?", (agent_id,))
    return _read(rows[0][0]) if rows else None


def watched(db: Database) -> dict[AgentId, Pull]:
    """Those that are watched, of agents that are not forgotten."""
    sql = (
        "SELECT p.agent_id, p.pull FROM pulls p JOIN agents a ON a.id = p.agent_id WHERE p.watched AND NOT a.forgotten"
    )
    return {AgentId(row[0]): _read(row[1]) for row in db.read(sql)}


def put(tx: sqlite3.Connection, agent_id: AgentId, pull: Pull) -> None:
    """Record it in place of what was recorded."""
    tx.execute(
        "INSERT INTO pulls (agent_id, pull, watched) VALUES (?, ?, ?)"
        " ON CONFLICT (agent_id) DO UPDATE SET pull = excluded.pull, watched = excluded.watched",
        (agent_id, _written(pull), pull.watched),
    )


def change(tx: sqlite3.Connection, agent_id: AgentId, before: Pull, after: Pull) -> bool:
    """Record `after` where `before` is what is recorded still; False, and nothing is done, where it is not."""
    done = tx.execute(
        "UPDATE pulls SET pull = ?, watched = ? WHERE agent_id = ? AND pull = ?",
        (_written(after), after.watched, agent_id, _written(before)),
    )
    return done.rowcount == 1


def seen(db: Database, agent_id: AgentId) -> frozenset[str]:
    """The keys of what was told to the agent or judged not to be."""
    return frozenset(row[0] for row in db.read("SELECT key FROM pull_seen WHERE agent_id = ?", (agent_id,)))


def see(tx: sqlite3.Connection, agent_id: AgentId, keys: Iterable[str]) -> None:
    """These are told, or judged."""
    rows = [(agent_id, key) for key in keys]
    tx.executemany("INSERT INTO pull_seen (agent_id, key) VALUES (?, ?) ON CONFLICT DO NOTHING", rows)


def _written(pull: Pull) -> str:
    return json.dumps(codec.encode(pull), separators=(",", ":"))


def _read(text: str) -> Pull:
    return codec.decode(Pull, json.loads(text))
