"""What agents and people have put on the shared boards, and what was written of it to files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tmuxagents.store.database import Database
from tmuxagents.value import Value


class Note(Value):
    """A small fact on a board. `agent_id` is whose it is, None where a person said it; `who` is how that one was
    called then."""

    number: int
    board: str
    text: str
    agent_id: str | None
    who: str
    at_ns: int
    done_ns: int | None = None
    done_by: str | None = None


_COLUMNS = "number, board, text, agent_id, who, at_ns, done_ns, done_by"


def of(db: Database, boards: Sequence[str]) -> list[Note]:
    """Those on these boards, oldest first."""
    places = ", ".join("?" * len(boards))
    rows = db.read(f"SELECT {_COLUMNS} FROM notes WHERE board IN ({places}) ORDER BY number", list(boards))
    return [Note(*row) for row in rows]


def one(db: Database, number: int) -> Note | None:
    """The note of that number, on whatever board."""
    rows = db.read(f"SELECT {_COLUMNS} FROM notes WHERE number = ?", (number,))
    return Note(*rows[0]) if rows else None


def add(tx: sqlite3.Connection, board: str, text: str, *, agent_id: str | None, who: str, now_ns: int) -> int:
    """Put it on the board; returns its number, which is never given again."""
    sql = "INSERT INTO notes (board, text, agent_id, who, at_ns) VALUES (?, ?, ?, ?, ?)"
    return int(tx.execute(sql, (board, text, agent_id, who, now_ns)).lastrowid or 0)


def open_count(tx: sqlite3.Connection, board: str) -> int:
    """How many on that board are not done."""
    row = tx.execute("SELECT count(*) FROM notes WHERE board = ? AND done_ns IS NULL", (board,)).fetchone()
    return int(row[0])


def done(tx: sqlite3.Connection, number: int, *, who: str, now_ns: int) -> bool:
    """It is done; False where it was before, and who said so first stays."""
    sql = "UPDATE notes SET done_ns = ?, done_by = ? WHERE number = ? AND done_ns IS NULL"
    return tx.execute(sql, (now_ns, who, number)).rowcount == 1


def written(db: Database, path: str) -> frozenset[str]:
    """The digests of what we wrote there last, or were about to."""
    rows = db.read("SELECT digest, coming FROM boards_written WHERE path = ?", (path,))
    return frozenset(digest for row in rows for digest in row if digest)


def coming(tx: sqlite3.Connection, path: str, digest: str) -> None:
    """That is about to be written there."""
    tx.execute(
        "INSERT INTO boards_written (path, coming) VALUES (?, ?)"
        " ON CONFLICT (path) DO UPDATE SET coming = excluded.coming",
        (path, digest),
    )


def came(tx: sqlite3.Connection, path: str, digest: str) -> None:
    """That stands there now."""
    tx.execute("UPDATE boards_written SET digest = ?, coming = NULL WHERE path = ?", (digest, path))
