"""Kept locks and the shared boards: of several at once one wins, and a rebuild keeps them."""

from __future__ import annotations

from pathlib import Path

from tests.support.rows import claim
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.repair import replay
from tmuxagents.store import agents, locks, notes
from tmuxagents.store.database import Database
from tmuxagents.store.repair import salvage


def keep(db: Database, names: list[str], agent: AgentId) -> bool:
    with db.write() as tx:
        return locks.keep(tx, names, agent, run="run-1", now_ns=5)


def test_all_locks_are_kept_for_an_agent_or_none(db: Database, agent: AgentId) -> None:
    other = claim(db)

    assert keep(db, ["db"], agent)
    assert not keep(db, ["docs", "db"], other)
    assert keep(db, ["docs", "db"], agent)

    assert [(one.name, one.agent_id, one.run) for one in locks.kept(db)] == [
        ("db", agent, "run-1"),
        ("docs", agent, "run-1"),
    ]


def test_what_is_kept_for_a_removed_agent_is_free(db: Database, agent: AgentId) -> None:
    keep(db, ["db"], agent)
    with db.write() as tx:
        agents.forget(tx, agent)

    assert locks.kept(db) == []
    assert keep(db, ["db"], claim(db))


def test_who_says_first_that_a_note_is_done_has_said_it(db: Database) -> None:
    with db.write() as tx:
        number = notes.add(tx, "/b", "the port is 8080", agent_id=None, who="you", now_ns=1)
        assert notes.done(tx, number, who="api", now_ns=2)
        assert not notes.done(tx, number, who="docs", now_ns=3)

    assert [(note.text, note.done_by) for note in notes.of(db, ["/b"])] == [("the port is 8080", "api")]


def test_a_rebuild_keeps_locks_and_notes(tmp_path: Path) -> None:
    with open_app(str(tmp_path / "state")) as app:
        agent = claim(app.db)
        keep(app.db, ["db"], agent)
        with app.db.write() as tx:
            notes.add(tx, "/b", "the port is 8080", agent_id=agent, who="api", now_ns=1)
            notes.coming(tx, "/c/.agents/parallel-context.md", "d1")
        report = replay.Report(tmp_path)

        with Database(tmp_path / "new.db", new=True) as new:
            replay.fill(App(state=app.state, server=app.server, _db=new), salvage.read(app.db.path), report)

            assert locks.kept(new) == locks.kept(app.db)
            assert notes.of(new, ["/b"]) == notes.of(app.db, ["/b"])
            assert notes.written(new, "/c/.agents/parallel-context.md") == {"d1"}
        assert report.lost == []
