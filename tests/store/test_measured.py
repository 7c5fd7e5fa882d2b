"""What agents' work came to, and which pairs conflict: each beginning and end is told once."""

from __future__ import annotations

import pytest

from tests.support.rows import claim
from tmuxagents.model.condition import State
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.measured import Conflict, Measured
from tmuxagents.model.worktree import Landed, Worktree
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import agents, journal, measured
from tmuxagents.store.database import Database
from tmuxagents.value import replace


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


AHEAD = Measured(at_ns=1, ahead=2, changed_ns=50)


@pytest.mark.parametrize(
    ("state", "figures", "landed", "counts"),
    [
        ("idle", AHEAD, False, True),
        ("ended", AHEAD, False, True),
        ("idle", Measured(at_ns=1, ahead=0, uncommitted=1), False, True),
        ("idle", AHEAD, True, False),
        ("idle", replace(AHEAD, uncommitted=1), True, True),
        ("working", AHEAD, False, False),
        ("idle", Measured(at_ns=1, ahead=0, uncommitted=0), False, False),
        ("idle", Measured(), False, False),
    ],
)
def test_work_of_who_has_come_to_rest_waits_for_a_person_until_it_has_landed(
    db: Database, state: State, figures: Measured, landed: bool, counts: bool
) -> None:
    finished(db, state, figures, landed=landed)

    with db.write() as tx:
        assert measured.unreviewed(tx, 10**18) == counts


@pytest.mark.parametrize(("at_ns", "counts"), [(49, 1), (50, 0)])
def test_what_was_reviewed_waits_again_when_it_has_changed(db: Database, at_ns: int, counts: int) -> None:
    one = finished(db, "idle", AHEAD)
    with db.write() as tx:
        journal.append(tx, one, 1, [NewEntry("note", "reviewed", at_ns, {"review": "c0ffee"})])
        journal.append(tx, one, 1, [NewEntry("note", "something else", 99)])

        assert measured.unreviewed(tx, 10**18) == counts


def test_what_is_in_a_pull_request_or_forgotten_waits_for_nobody(db: Database) -> None:
    one, other = finished(db, "idle", AHEAD), finished(db, "ended", AHEAD)
    with db.write() as tx:
        tx.execute("INSERT INTO pulls (agent_id, pull, watched) VALUES (?, '{}', 0)", (one,))
        agents.forget(tx, other)

        assert measured.unreviewed(tx, 10**18) == 0


def finished(db: Database, state: State, figures: Measured, *, landed: bool = False) -> AgentId:
    one = claim(db)
    worktree = Worktree("/r/.git", "/r.worktrees/a", "b", "c", own=True, own_branch=True)
    with db.write() as tx:
        has = replace(worktree, landed=Landed("t", "c")) if landed else worktree
        agents.set_worktree(tx, one, has, folder="/r.worktrees/a")
        agents.set_condition(tx, one, replace(agents.condition_of(tx, one), state=state))
        measured.put(tx, one, figures, "s")
    return one
