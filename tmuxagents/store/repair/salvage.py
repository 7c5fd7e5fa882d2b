"""Read whatever can still be read of a damaged database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.value import Value, fresh

TABLES = (
    *("agents", "journal", "sources", "messages", "counters", "notices", "notice_sendings", "pairs"),
    *("pulls", "pull_seen", "locks", "notes", "boards_written", "runs", "run_tasks", "run_spans", "queue", "spent"),
)

_SINCE = {
    "notices": 3,
    "notice_sendings": 3,
    "pairs": 5,
    "pulls": 6,
    "pull_seen": 6,
    "locks": 7,
    "notes": 7,
    "boards_written": 7,
    "runs": 8,
    "run_tasks": 8,
    "queue": 9,
    "run_spans": 10,
    "spent": 11,
}
"""The schema that brought a table: an older state lacks nothing without it."""

Row = dict[str, Any]

_AT = "at_row_id"
"""What the place of a row is called where it is read: no column is."""

_LONGEST_STEP = 64
"""Rows given up at most where a page is broken, besides those in it."""


class Salvaged(Value, frozen=False):
    """The rows that could be read, by table; `broken` names the tables of which some could not."""

    rows: dict[str, list[Row]] = fresh(default_factory=dict)
    broken: set[str] = fresh(default_factory=set)

    @property
    def last_seq(self) -> int:
        """The highest place in the journal's order that is known to have been given."""
        return max((int(row["seq"]) for row in self.rows["journal"]), default=0)

    @property
    def has_gaps(self) -> bool:
        """Whether places in the journal's order are empty: taken back with a start that failed, or lost
        with a row that a broken page no longer knows."""
        return len({row["seq"] for row in self.rows["journal"]}) < self.last_seq


def read(path: Path) -> Salvaged:
    """Everything readable, whatever the schema. Changes nothing; a file that is no database gives nothing."""
    found = Salvaged(rows={table: [] for table in TABLES})
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error:
        found.broken = set(TABLES)
        return found
    connection.row_factory = sqlite3.Row
    # A text that is no UTF-8 any more is damage to one row, not to all.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        version = _version(connection)
        for table in TABLES:
            if version >= _SINCE.get(table, 0) and not _read(connection, table, found.rows[table]):
                found.broken.add(table)
    finally:
        connection.close()
    return found


# Python cannot read the message in which SQLite quotes a schema that is no text any more.
_UNREADABLE = (sqlite3.Error, OverflowError, UnicodeDecodeError)


def _version(connection: sqlite3.Connection) -> int:
    """The schema; the newest where that cannot be told."""
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except _UNREADABLE:
        return max(_SINCE.values())


def _read(connection: sqlite3.Connection, table: str, rows: list[Row]) -> bool:
    """Add the table's rows in their order; False when some could not be read."""
    if table in ("sources", "counters", "run_spans"):
        # Without a row id there is no way around a broken page.
        return _scan(connection, f"SELECT * FROM {table}", (), rows)
    whole, after, step = True, -1, 1
    last = _last(connection, table)
    if last is None:
        return _scan(connection, f"SELECT rowid AS {_AT}, * FROM {table}", (), rows)
    while after < last:
        before = len(rows)
        if _scan(connection, f"SELECT rowid AS {_AT}, * FROM {table} WHERE rowid > ? ORDER BY rowid", (after,), rows):
            break
        whole = False
        # Beyond the broken page, wherever that is.
        step = 1 if len(rows) > before else min(_LONGEST_STEP, step * 2)
        after = max(after, int(rows[-1][_AT]) if rows else -1) + step
    return whole


def _last(connection: sqlite3.Connection, table: str) -> int | None:
    try:
        found = connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone()
    except _UNREADABLE:
        return None
    return int(found[0]) if found else None


def _scan(connection: sqlite3.Connection, sql: str, values: Sequence[object], rows: list[Row]) -> bool:
    try:
        rows.extend(_rows(connection.execute(sql, values)))
    except _UNREADABLE:
        return False
    return True


def _rows(cursor: sqlite3.Cursor) -> Iterator[Row]:
    for row in cursor:
        yield dict(row)
