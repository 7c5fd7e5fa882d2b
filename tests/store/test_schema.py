"""State of every released schema opens, with everything in it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.support.rows import claim, write
from tmuxagents.store import agents, journal, messages, sources, spent
from tmuxagents.store.database import Database
from tmuxagents.store.schema import MIGRATIONS

RELEASED = sorted((Path(__file__).parent.parent / "data" / "schema").glob("*.db"), key=lambda path: int(path.stem))


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, path: Path) -> Path:
    """A database that an older version left."""
    shutil.copy(request.param, path)
    return path


def old_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_there_is_one_of_every_schema_before_todays() -> None:
    assert [int(path.stem) for path in RELEASED] == list(range(1, len(MIGRATIONS)))


def test_its_agents_are_as_they_were(old: Path) -> None:
    with Database(old) as db:
        known = agents.known(db)

    assert [(a.name, a.kind, a.condition.state, a.phase, a.color) for a in known] == [
        ("api", "claude", "waiting", "running", 0),
        ("agent-1", "command", "ended", "stopped", 1),
        ("agent-2", "claude", "lost", "running", 3),
    ]
    api = known[0]
    assert (api.task, api.options, api.generation) == ("add auth to the REST API", {"model": "opus"}, 1)
    assert api.place is not None
    assert (api.place.server, api.place.window, api.place.pane, api.place.pid) == ("4242.1795000000", "@1", "%1", 4243)
    assert api.condition.dialog is not None
    assert api.condition.dialog.choices == ("Yes", "No")
    assert (api.condition.usage.microusd, api.condition.usage.input_tokens) == (31200, 120)


def test_what_its_agents_had_spent_is_counted(old: Path) -> None:
    with Database(old) as db:
        found: dict[str, int] = {}
        for agent_id, step in spent.of(db):
            found[agent_id] = found.get(agent_id, 0) + step.microusd
        known = agents.known(db)

    assert {a.id: a.condition.usage.microusd or 0 for a in known}.items() <= found.items()


def test_its_journal_is_whole_and_in_order(old: Path) -> None:
    connection = sqlite3.connect(old)
    # The first schema has the agent's id in every row.
    own = "agent_id" if old_version(connection) == 1 else "(SELECT id FROM agents WHERE number = agent)"
    before = connection.execute(
        f"SELECT seq, at_ns, kind, text, detail, generation, {own} FROM journal WHERE kind NOT IN ('state')"
    ).fetchall()
    connection.close()

    with Database(old) as db:
        entries = journal.after(db, 0)

    assert before
    assert [
        (e.seq, e.at_ns, e.kind, e.text, json.dumps(e.detail, separators=(",", ":")) if e.detail else None)
        for e in entries
    ] == [row[:5] for row in before]
    assert [(e.generation, e.agent_id) for e in entries] == [row[5:] for row in before]


def test_its_words_are_found_also_those_of_a_forgotten_agent(old: Path) -> None:
    with Database(old) as db:
        assert [e.agent for e in journal.search(db, "searchable")] == ["old"]
        assert [e.text for e in journal.search(db, "cafe")] == ["running 3 tests\nall passed: café ✓"]


def test_its_positions_and_held_messages_are_kept(old: Path) -> None:
    with Database(old) as db:
        api = agents.known(db)[0]
        assert {name: p.position for name, p in sources.of(db, api.id).items()} == {
            "transcript:x": 1234,
            "spool:a.json": 7,
        }
        assert [message.text for message in messages.held(db)] == ["also add a test for expired tokens"]


def test_it_is_written_on(old: Path) -> None:
    with Database(old) as db:
        last = journal.last_seq(db)
        agent = claim(db)
        write(db, agent, "new")

        assert "agent-3" in {known.name for known in agents.known(db)}
        assert journal.after(db, last)[-1].seq == last + 1


def test_a_place_in_the_order_that_was_taken_back_is_not_given_again(old: Path) -> None:
    connection = sqlite3.connect(old)
    connection.execute("UPDATE sqlite_sequence SET seq = 500 WHERE name = 'journal'")
    connection.commit()
    connection.close()

    with Database(old) as db:
        write(db, claim(db), "new")
        assert journal.last_seq(db) == 501


def test_what_it_became_is_todays_schema(old: Path, tmp_path: Path) -> None:
    def shape(db: Database) -> list[tuple[str, str]]:
        return [tuple(row) for row in db.read("SELECT name, sql FROM sqlite_master ORDER BY name")]

    with Database(old) as upgraded, Database(tmp_path / "new.db") as new:
        assert shape(upgraded) == shape(new)


def test_a_step_that_fails_leaves_the_old_state(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmuxagents.store.database.MIGRATIONS", [*MIGRATIONS, ["CREATE TABLE half (x)", "NOT SQL"]])
    with pytest.raises(sqlite3.OperationalError):
        Database(old)
    monkeypatch.undo()

    with Database(old) as db:
        assert len(agents.known(db)) == 3
        assert db.read("SELECT 1 FROM sqlite_master WHERE name = 'half'") == []
