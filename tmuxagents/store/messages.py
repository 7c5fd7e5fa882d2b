"""Messages that wait for an agent's turn to end, durable and in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tmuxagents.names import AgentId
from tmuxagents.store.database import Database
from tmuxagents.value import Value


class Message(Value):
    """A text that was accepted for an agent and not delivered yet."""

    id: int
    agent_id: AgentId
    text: str
    created_ns: int
    not_before_ns: int = 0
    key: str | None = None


_COLUMNS = "id, agent_id, text, created_ns, coalesce(not_before_ns, 0), key"


def hold(
    tx: sqlite3.Connection,
    agent_id: AgentId,
    text: str,
    *,
    now_ns: int,
    not_before_ns: int | None = None,
    key: str | None = None,
) -> int:
    """Accept a message; returns its id, 0 where there was one with that `key`. Before `not_before_ns` it is not
    delivered; `key` is what it is for, where we wrote it ourselves."""
    done = tx.execute(
        "INSERT INTO messages (agent_id, text, created_ns, state, not_before_ns, key) VALUES (?, ?, ?, 'held', ?, ?)"
        " ON CONFLICT DO NOTHING",
        (agent_id, text, now_ns, not_before_ns, key),
    )
    return int(done.lastrowid or 0) if done.rowcount == 1 else 0


def held(db: Database, agent_id: AgentId | None = None) -> list[Message]:
    """What waits, oldest first."""
    where, values = ("AND agent_id = ?", (agent_id,)) if agent_id else ("", ())
    rows = db.read(f"SELECT {_COLUMNS} FROM messages WHERE state = 'held' {where} ORDER BY id", values)
    return [_message(row) for row in rows]


def _message(row: sqlite3.Row) -> Message:
    return Message(row[0], AgentId(row[1]), row[2], row[3], row[4], row[5])


def waiting(db: Database) -> dict[AgentId, int]:
    """How many messages each agent still gets: held, or being delivered at this moment."""
    rows = db.read("SELECT agent_id, count(*) FROM messages WHERE state IN ('held', 'delivering') GROUP BY agent_id")
    return {AgentId(row[0]): int(row[1]) for row in rows}


def is_waiting(db: Database, message_id: int) -> bool:
    """Whether the agent still gets that one."""
    return bool(db.read("SELECT 1 FROM messages WHERE id = ? AND state IN ('held', 'delivering')", (message_id,)))


def has_before(db: Database, agent_id: AgentId, at_ns: int) -> bool:
    """Whether something was held for that agent before that moment."""
    return bool(db.read("SELECT 1 FROM messages WHERE agent_id = ? AND created_ns < ? LIMIT 1", (agent_id, at_ns)))


def verdict(db: Database, message_id: int) -> tuple[str, str] | None:
    """What became of that one, `delivered` or `failed`, and why; None while the agent still gets it."""
    rows = db.read("SELECT state, coalesce(verdict, '') FROM messages WHERE id = ?", (message_id,))
    if not rows:
        return "failed", "it was withdrawn"
    return None if rows[0][0] in ("held", "delivering") else (str(rows[0][0]), str(rows[0][1]))


def obstacles(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """What keeps those of them that are held from being delivered, where that is known: of each the last try."""
    marks = ",".join("?" * len(ids))
    sql = f"SELECT id, verdict FROM messages WHERE id IN ({marks}) AND state = 'held' AND verdict != ''"
    return {int(row[0]): str(row[1]).partition(": ")[2] or str(row[1]) for row in db.read(sql, tuple(ids))}


def note_obstacle(tx: sqlite3.Connection, message_id: int, why: str) -> None:
    """Why one that is held is not even tried."""
    sql = "UPDATE messages SET verdict = ? WHERE id = ? AND state = 'held'"
    tx.execute(sql, (f"held: {why}", message_id))


def is_known(db: Database, agent_id: AgentId, key: str) -> bool:
    """Whether there is, or was, one for that."""
    return bool(db.read("SELECT 1 FROM messages WHERE agent_id = ? AND key = ?", (agent_id, key)))


def put_off(tx: sqlite3.Connection, message_id: int, not_before_ns: int) -> None:
    """Keep one that is held until then."""
    sql = "UPDATE messages SET not_before_ns = ? WHERE id = ? AND state = 'held'"
    tx.execute(sql, (not_before_ns, message_id))


def sent_since(db: Database, agent_id: AgentId, prefix: str, since_ns: int) -> int:
    """How many of ours of that kind the agent has got since then. One whose deliverer has not recorded it yet is one:
    its turn may be over before."""
    sql = (
        "SELECT count(*) FROM messages WHERE agent_id = ? AND state NOT IN ('held', 'dropped')"
        " AND created_ns > ? AND key LIKE ?"
    )
    return int(db.read(sql, (agent_id, since_ns, f"{prefix}%"))[0][0])


def take(tx: sqlite3.Connection, message_id: int) -> bool:
    """Claim a held message for delivery; False when somebody else has.

    The journal's place is recorded: after it stands the evidence, should the deliverer be killed.
    """
    done = tx.execute(
        "UPDATE messages SET state = 'delivering', mark = (SELECT coalesce(max(seq), 0) FROM journal)"
        " WHERE id = ? AND state = 'held'",
        (message_id,),
    )
    return done.rowcount == 1


def interrupted(db: Database) -> list[tuple[Message, int]]:
    """Messages that were being delivered when their deliverer was killed, with the journal's place then."""
    rows = db.read(f"SELECT {_COLUMNS}, mark FROM messages WHERE state = 'delivering' ORDER BY id")
    return [(_message(row), int(row["mark"] or 0)) for row in rows]


def settle(tx: sqlite3.Connection, message_id: int, *, state: str, verdict: str) -> None:
    """Record what became of it: `delivered`, or `held` again when it could not be taken."""
    tx.execute("UPDATE messages SET state = ?, verdict = ? WHERE id = ?", (state, verdict, message_id))
