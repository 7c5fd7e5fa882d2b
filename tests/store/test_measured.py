"""What agents' work came to, and which pairs conflict: each beginning and end is told once."""

from __future__ import annotations

import pytest

from tests.support.rows import claim
from tmuxagents.model.measured import Conflict, Measured
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import agents, measured
from tmuxagents.store.database import Database


def settle(db: Database, pair: measured.Pair, sign: str, *files: str, now_ns: int = 1) -> str:
    with db.write() as tx:
        return measured.settle(tx, pair, sign, files, into="main" if not pair[1] else None, now_ns=now_ns)


def test_a_pair_is_the_same_whoever_is_named_first() -> None:
    one, other = AgentId("a"), AgentId("b")

    assert measured.pair(one, other) == measured.pair(other, one) == ("a", "b")
    assert measured.pair(other, None) == ("b", measured.BRANCH)


def test_only_what_begins_or_ceases_is_a_change_and_since_is_its_beginning(db: Database) -> None:
    one, other = claim(db, "api"), claim(db, "tests")
    pair = measured.pair(one, other)

    assert settle(db, pair, "s1") == ""
    assert settle(db, pair, "s2", "text", now_ns=2) == "began"
    assert settle(db, pair, "s3", "text", "other", now_ns=3) == ""
    assert measured.conflicts(db) == {
        one: [Conflict(other, AgentName("tests"), None, ("text", "other"), 2)],
        other: [Conflict(one, AgentName("api"), None, ("text", "other"), 2)],
    }
    assert measured.signs(db)[1] == {pair: "s3"}
    assert settle(db, pair, "s4", now_ns=4) == "ceased"
    assert measured.conflicts(db) == {}
    assert settle(db, pair, "s5", "text", now_ns=5) == "began"


def test_with_its_branch_only_the_agent_conflicts(db: Database) -> None:
    one = claim(db)

    settle(db, measured.pair(one, None), "s", "no utf-8 \udcff")

    assert measured.conflicts(db) == {one: [Conflict(None, None, "main", ("no utf-8 \udcff",), 1)]}


@pytest.mark.parametrize("taken_off", [agents.forget, agents.unclaim])
def test_of_one_that_is_removed_nothing_is_known_any_more(db: Database, taken_off: object) -> None:
    one, other = claim(db), claim(db)
    settle(db, measured.pair(one, other), "s", "text")
    with db.write() as tx:
        measured.put(tx, one, Measured(at_ns=1, ahead=2), "s")
        measured.put(tx, one, Measured(at_ns=2, ahead=3), "s")
    assert measured.figures(db) == {one: Measured(at_ns=2, ahead=3)}

    with db.write() as tx:
        taken_off(tx, one)  # type: ignore[operator]

    assert (measured.figures(db), measured.conflicts(db)) == ({}, {})
