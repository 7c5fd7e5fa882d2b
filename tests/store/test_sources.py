"""Positions in the sources, committed with what was read from them."""

from __future__ import annotations

import pytest

from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId
from tmuxagents.store import journal, sources
from tmuxagents.store.database import Database
from tmuxagents.store.sources import Position


def test_entries_and_positions_commit_together(db: Database, agent: AgentId) -> None:
    with db.write() as tx:
        journal.append(tx, agent, 1, [NewEntry("text", "said", 1)])
        sources.advance(tx, agent, [Position("events", 10, "memory")])

    assert len(journal.after(db, 0)) == 1
    assert sources.of(db, agent) == {"events": Position("events", 10, "memory")}


def test_an_error_between_the_two_leaves_neither(db: Database, agent: AgentId) -> None:
    def write_and_fail() -> None:
        with db.write() as tx:
            journal.append(tx, agent, 1, [NewEntry("text", "said", 1)])
            sources.advance(tx, agent, [Position("events", 10)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert journal.after(db, 0) == []
    assert sources.of(db, agent) == {}


def test_a_position_moves_on(db: Database, agent: AgentId) -> None:
    for place in (10, 20):
        with db.write() as tx:
            sources.advance(tx, agent, [Position("events", place)])

    assert sources.of(db, agent) == {"events": Position("events", 20)}


@pytest.mark.parametrize("other", [Position("events", 11), Position("events", 10, "changed"), Position("more", 1)])
def test_who_comes_second_sees_that_somebody_has_read_on(db: Database, agent: AgentId, other: Position) -> None:
    with db.write() as tx:
        sources.advance(tx, agent, [Position("events", 10)])
    expected = sources.of(db, agent)
    with db.write() as tx:
        assert sources.unchanged(tx, agent, expected)
        sources.advance(tx, agent, [other])

    with db.write() as tx:
        assert not sources.unchanged(tx, agent, expected)


def test_dropped_sources_are_forgotten(db: Database, agent: AgentId) -> None:
    with db.write() as tx:
        sources.advance(tx, agent, [Position("spool:a", 1), Position("spool:b", 1)])
        sources.drop(tx, agent, ["spool:a"])

    assert list(sources.of(db, agent)) == ["spool:b"]
