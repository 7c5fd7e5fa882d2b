"""Opening the database, and its transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support import beside
from tests.support.fleet import eventually
from tests.support.rows import claim, write
from tmuxagents.errors import StateDamaged
from tmuxagents.store import journal
from tmuxagents.store.database import Database
from tmuxagents.store.schema import MIGRATIONS


def test_an_empty_file_becomes_todays_schema(path: Path) -> None:
    path.touch()

    with Database(path) as db:
        assert db.read("PRAGMA user_version")[0][0] == len(MIGRATIONS)
        assert journal.last_seq(db) == 0


def test_a_second_opening_changes_nothing(path: Path) -> None:
    with Database(path) as db:
        agent = claim(db)
        write(db, agent, "kept")
        before = db.read("SELECT name, sql FROM sqlite_master ORDER BY name")

    with Database(path) as db:
        assert db.read("SELECT name, sql FROM sqlite_master ORDER BY name") == before
        assert [entry.text for entry in journal.after(db, 0)] == ["kept"]


def test_a_newer_schema_is_refused_and_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()

    with pytest.raises(StateDamaged, match="newer tmuxagents") as caught:
        Database(path)

    assert "upgrade" in str(caught.value.hint)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 99
    connection.close()


@pytest.mark.parametrize("content", [b"this is not a database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(StateDamaged) as caught:
        Database(path)

    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()

    with pytest.raises(StateDamaged):
        Database(path)


def test_its_files_are_private_under_any_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        with Database(path) as db:
            claim(db)
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert set(modes) >= {path.name, f"{path.name}-wal", f"{path.name}-shm"}
    assert set(modes.values()) == {0o600}


def test_a_block_that_raises_leaves_nothing(db: Database) -> None:
    agent = claim(db)

    def write_and_fail() -> None:
        with db.write() as tx:
            journal.append(tx, agent, 1, [])
            tx.execute("INSERT INTO counters VALUES ('half', 1)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert db.read("SELECT * FROM counters WHERE name = 'half'") == []
    assert not db.in_transaction


def test_a_full_disk_is_an_error_that_says_so_and_the_database_goes_on(db: Database) -> None:
    agent = claim(db)
    pages = db.read("PRAGMA page_count")[0][0]
    db.read(f"PRAGMA max_page_count={pages + 2}")

    with pytest.raises(StateDamaged, match="no space is left"):
        write(db, agent, *["x" * 1000] * 1000)

    assert not db.in_transaction
    db.read("PRAGMA max_page_count=1000000")
    write(db, agent, "after")
    assert [entry.text for entry in journal.after(db, 0)] == ["after"]


def test_a_writer_that_is_killed_leaves_nothing(path: Path) -> None:
    with Database(path) as db:
        agent = claim(db)
    writer = beside.python(WRITER, path, agent)
    beside.line(writer)

    beside.kill(writer)

    with Database(path) as db:
        assert journal.after(db, 0) == []
        assert db.read("SELECT * FROM sources") == []


WRITER = """
import signal, sys
from pathlib import Path
from tmuxagents.model.entry import NewEntry
from tmuxagents.store import journal, sources
from tmuxagents.store.database import Database
from tmuxagents.store.sources import Position
with Database(Path(sys.argv[1])) as db, db.write() as tx:
    journal.append(tx, sys.argv[2], 1, [NewEntry("text", "half", 1)])
    sources.advance(tx, sys.argv[2], [Position("events", 10)])
    print("written, not committed", flush=True)
    signal.pause()
"""


def test_eight_that_open_an_empty_state_at_once_all_succeed(path: Path) -> None:
    program = "import sys;from pathlib import Path;from tmuxagents.store import database;"
    program += "database.Database(Path(sys.argv[1])).close()"
    started = [subprocess.Popen([sys.executable, "-c", program, str(path)], stderr=subprocess.PIPE) for _ in range(8)]

    assert [(one.communicate()[1], one.returncode) for one in started] == [(b"", 0)] * 8


def test_a_new_file_that_another_is_just_writing_to_is_waited_for(path: Path) -> None:
    program = "import sys;from pathlib import Path;from tmuxagents.store import database;"
    program += "database.Database(Path(sys.argv[1])).close()"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        # Not EXCLUSIVE: that one SQLite waits for by itself.
        other.execute("BEGIN IMMEDIATE")
        opening = subprocess.Popen([sys.executable, "-c", program, str(path)], stderr=subprocess.PIPE)
        waits = psutil.Process(opening.pid)
        eventually(
            lambda: (
                opening.poll() is not None
                or (
                    any(one.path == str(path) for one in waits.open_files())
                    and waits.status() == psutil.STATUS_SLEEPING
                )
            )
        )
        other.execute("ROLLBACK")

    assert (opening.communicate()[1], opening.returncode) == (b"", 0)
