"""Open the database, at the newest schema, and give out transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from tmuxagents.errors import StateDamaged
from tmuxagents.store.schema import MIGRATIONS

BUSY_MS = 10_000


class Database:
    """One connection. Readers see whole transactions; writers wait for each other.

    `synchronous=NORMAL`: after a power cut the last transactions may be missing, never half of
    one; what they had recorded is still in the sources, behind the offsets that came back too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = _connect(path)
        _migrate(self._connection, path)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; nothing outside may be touched then."""
        return self._connection.in_transaction

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that has the write lock from its start; rolled back when the block raises."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            raise _damaged(self.path, error) from error
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def read(self, sql: str, values: Sequence[object] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """The rows of one query."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise _damaged(self.path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    # SQLite would create the file with the process's umask; its WAL and shm copy the file's mode.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.close(descriptor)
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if version > len(MIGRATIONS):
            raise StateDamaged(
                f"the state was written by a newer tmuxagents (schema {version}, this one knows {len(MIGRATIONS)})",
                hint="pip install --upgrade tmuxagents",
            )
        for step in MIGRATIONS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _damaged(path: Path, error: Exception) -> StateDamaged:
    return StateDamaged(f"the database cannot be used: {error}", hint=f"mv '{path}' '{path}.damaged'")
