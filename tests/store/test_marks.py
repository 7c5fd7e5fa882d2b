"""How far a person has read: a mark for each agent, which never goes back."""

from __future__ import annotations

from tests.support.rows import claim, write
from tmuxagents.store import journal, marks
from tmuxagents.store.database import Database


def test_what_was_never_shown_is_unread_but_for_what_the_person_did(db: Database) -> None:
    api, tests = claim(db, "api"), claim(db, "tests")
    write(db, api, "one", "two")
    write(db, api, "do it", kind="prompt")
    write(db, api, "idle", kind="state")
    write(db, tests, "three")

    assert marks.unread(db) == {api: 2, tests: 1}


def test_a_mark_is_the_agents_own_and_never_goes_back(db: Database) -> None:
    api, tests = claim(db, "api"), claim(db, "tests")
    write(db, api, "one", "two")
    write(db, tests, "three")
    last = journal.last_seq(db)

    marks.move(db, {api: last})
    marks.move(db, {api: 1})
    write(db, api, "four")

    assert marks.unread(db) == {api: 1, tests: 1}
    assert marks.places(db) == {api: last, tests: 0}


def test_no_more_are_counted_than_are_shown(db: Database) -> None:
    api = claim(db, "api")
    write(db, api, *("x" for _ in range(marks.MOST + 50)))

    assert marks.unread(db) == {api: marks.MOST}


def test_what_stands_before_and_is_unread_is_a_gap(db: Database) -> None:
    api = claim(db, "api")
    write(db, api, "one", "two")
    second = journal.last_seq(db)

    assert not marks.follows(db, api, second)
    marks.move(db, {api: second - 1})
    assert marks.follows(db, api, second)


def test_only_the_agents_own_entries_are_looked_at(db: Database) -> None:
    """`ls` asks it each time: it must cost the same however long the journal of others is."""
    plan = " ".join(row[3] for row in db.read(f"EXPLAIN QUERY PLAN {marks.UNREAD}"))

    assert "journal_by_agent (agent=? AND seq>?)" in plan
    assert "SCAN j" not in plan
