"""Open the database, at the newest schema, and give out transactions."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, DiskFull, StateDamaged, StateGone, word
from tmuxagents.store.schema import MIGRATIONS

BUSY_MS = 10_000


class Database:
    """One connection. Readers see whole transactions; writers wait for each other.

    `synchronous=NORMAL`: after a power cut the last transactions may be missing, never half of
    one; what they had recorded is still in the sources, behind the offsets that came back too.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        """`DatabaseDamaged` where it is missing or empty and agents are recorded beside it, unless it is to be `new`:
        who began another would run them unseen."""
        self.path = path
        with opening(path, alone=False):
            if not new and _is_gone(path):
                raise DatabaseDamaged("the database is gone", hint="tmuxagents doctor")
            self._inode = _private(path)
            self._connection = _connect(path)
            with _told(path):
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
        self._check()
        with _told(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite rolls back by itself when the disk is full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def check_writable(self) -> None:
        """Raise what a write would raise now. For what is done before anything of it is recorded: it is not begun."""
        with self.write():
            pass

    def read(self, sql: str, values: Sequence[object] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """The rows of one query."""
        self._check()
        with _told(self.path):
            return self._connection.execute(sql, values).fetchall()

    def _check(self) -> None:
        """`DatabaseReplaced` when the file is another one by now (1 µs), `StateGone` where all of it is gone."""
        try:
            same = os.stat(self.path).st_ino == self._inode
        except OSError:
            same = False
        if not same and not os.path.isdir(self.path.parent):
            raise StateGone(self.path.parent)
        if not same:
            raise DatabaseReplaced("the database was rebuilt or taken away: try again", hint="tmuxagents ls")


@contextlib.contextmanager
def opening(path: Path, *, alone: bool) -> Iterator[None]:
    """Hold off whoever puts another file in the database's place while it is opened, or (`alone`)
    whoever opens it: SQLite would take the log of the one for the other's."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError as error:
        raise StateGone(path.parent) from error
    try:
        os.fchmod(lock, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def _is_gone(path: Path) -> bool:
    try:
        if os.lstat(path).st_size > 0:
            return False
    except OSError:
        pass
    return next((path.parent / "agents").glob("*/agent.json"), None) is not None


def _private(path: Path) -> int:
    """Make the file when it is missing; its inode."""
    # SQLite would create the file with the process's umask; its WAL and shm copy the file's mode.
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    except FileExistsError:
        # It is not opened here: closing it would free the locks of another connection of ours.
        pass
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise _unusable(path, "it is not a file")
    return found.st_ino


def _unusable(path: Path, why: str | None) -> StateDamaged:
    return StateDamaged(f"the database '{path}' cannot be opened: {why}", hint=f"ls -ld {word(path)}")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    with _told(path):
        _log_apart(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _log_apart(connection: sqlite3.Connection) -> None:
    """Have it write to a log. Of several that open a new file at once SQLite tells all but one that it is locked, at
    once whatever the timeout (3.40: 13 of 240, four at a time)."""

    def once() -> bool | None:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return None
            raise
        return True

    if clock.eventually(once, within=BUSY_MS / 1000, every=0.005) is None:
        connection.execute("PRAGMA journal_mode=WAL")


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


# What is wrong with the file or the machine, rather than with our SQL; and what to type then.
_TROUBLES = {
    sqlite3.SQLITE_FULL: "df -h '{folder}'",
    sqlite3.SQLITE_IOERR: "df -h '{folder}'",
    sqlite3.SQLITE_READONLY: "ls -l '{path}'",
    sqlite3.SQLITE_CANTOPEN: "ls -ld '{folder}'",
    sqlite3.SQLITE_BUSY: "fuser '{path}'",
    sqlite3.SQLITE_CORRUPT: "tmuxagents doctor",
    sqlite3.SQLITE_NOTADB: "tmuxagents doctor",
}

# No room for the index of the log, which the first to open the database makes.
_FULL = (sqlite3.SQLITE_IOERR_SHMSIZE,)

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _within(path: Path) -> str:
    """The path for a place within quotes."""
    return word(path)[1:-1]


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        # SQLite quotes the broken schema in its message, and Python cannot read that.
        words = f"the database '{path}' is damaged: its schema is no text"
        raise DatabaseDamaged(words, hint="tmuxagents doctor") from error
    except sqlite3.DatabaseError as error:
        # The low byte is the kind of error, the rest says more.
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
        hint = _TROUBLES.get(kind)
        if hint is None:
            raise
        hint = hint.format(path=_within(path), folder=_within(path.parent))
        if kind == sqlite3.SQLITE_FULL or getattr(error, "sqlite_errorcode", 0) in _FULL:
            raise DiskFull("no space is left on the disk", hint=hint) from error
        if kind in _DAMAGE:
            raise DatabaseDamaged(f"the database '{path}' is damaged: {error}", hint=hint) from error
        raise StateDamaged(f"the database cannot be used: {error}", hint=hint) from error
