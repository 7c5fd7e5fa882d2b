"""A database that somebody else locks at a chosen moment, for real."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tmuxagents.services.app import App

SOON_MS = 30
"""So long a writer waits here for the lock."""


class Lock:
    """Another connection's write lock. `taken` says whether it came to that."""

    def __init__(self, path: Path) -> None:
        self._other = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=60)
        self.taken = False

    def take(self) -> None:
        """From now on nobody else writes."""
        if not self.taken:
            self._other.execute("BEGIN EXCLUSIVE")
            self.taken = True

    def give_back(self) -> None:
        """Let them write again."""
        self._other.close()


@contextmanager
def from_write(app: App, number: int) -> Iterator[Lock]:
    """Lock the database as that write of the app begins (0: its first); its writers do not wait long for it."""
    lock, begun = Lock(app.state / "tmuxagents.db"), 0
    [connection] = [app.db._connection]

    def begins(statement: str) -> None:
        nonlocal begun
        if statement.startswith("BEGIN"):
            if begun >= number:
                lock.take()
            begun += 1

    connection.execute(f"PRAGMA busy_timeout={SOON_MS}")
    connection.set_trace_callback(begins)
    try:
        yield lock
    finally:
        connection.set_trace_callback(None)
        lock.give_back()
        connection.execute("PRAGMA busy_timeout=10000")
