"""The line as it is recorded: who waits in it, who leaves it, and that a rebuild keeps it."""

from __future__ import annotations

from pathlib import Path

from tests.support.rows import claim
from tmuxagents.model.agent import PaneAddress
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.room import PERSON
from tmuxagents.model.run import Run
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.repair import replay
from tmuxagents.store import agents, queue, runs
from tmuxagents.store.database import Database
from tmuxagents.store.repair import salvage


def put(db: Database, *owners: str, why: str = "") -> list[AgentId]:
    made = [claim(db, phase="queued") for _ in owners]
    with db.write() as tx:
        for agent, owner in zip(made, owners, strict=True):
            queue.join(tx, agent, owner=owner, why=why)
    return made


def line(db: Database) -> list[str]:
    return [one.agent_id for one in queue.line(db)]


def test_owners_take_turns(db: Database) -> None:
    one, two, three, mine = put(db, "run-1", "run-1", "run-1", PERSON)

    assert line(db) == [one, mine, two, three]


def test_who_is_begun_keeps_its_place_until_it_runs(db: Database) -> None:
    one, two = put(db, PERSON, PERSON)
    with db.write() as tx:
        assert agents.begin(tx, one, now_ns=2)
        queue.note_round(tx, one)
        assert not agents.begin(tx, one, now_ns=2)
    assert line(db) == [two]

    with db.write() as tx:
        assert agents.give_back(tx, one, 1, now=2)
    assert line(db) == [one, two]

    with db.write() as tx:
        agents.begin(tx, one, now_ns=3)
        agents.place(tx, one, PaneAddress("s", "@1", "%1", 1), phase="running")
        assert not queue.has(tx, one)
        assert not agents.give_back(tx, one, 2, now=3)


def test_who_comes_when_a_round_has_begun_stands_behind_those_in_it(db: Database) -> None:
    one, two, three = put(db, "run-1", "run-1", "run-2")
    with db.write() as tx:
        agents.begin(tx, one, now_ns=2)
        queue.note_round(tx, one)
        agents.place(tx, one, None, phase="stopped")

    (mine,) = put(db, PERSON)

    assert line(db) == [three, two, mine]


def test_of_a_forgotten_agent_there_is_no_place(db: Database) -> None:
    one, two = put(db, PERSON, PERSON)
    with db.write() as tx:
        agents.forget(tx, one)

    assert line(db) == [two]


def test_only_who_is_starting_or_working_counts(db: Database) -> None:
    put(db, PERSON)
    claim(db)

    with db.write() as tx:
        assert (queue.load(tx).busy, queue.load(tx).starting) == (1, 1)


def test_a_rebuild_keeps_the_line_and_whose_turn_it_is(tmp_path: Path) -> None:
    with open_app(str(tmp_path / "state")) as app:
        one, *_ = put(app.db, "run-1", "run-1", PERSON, why="max_agents = 1")
        with app.db.write() as tx:
            agents.begin(tx, one, now_ns=2)
            queue.note_round(tx, one)
        report = replay.Report(tmp_path)

        with Database(tmp_path / "new.db", new=True) as new:
            replay.fill(App(state=app.state, server=app.server, _db=new), salvage.read(app.db.path), report)

            assert queue.line(new) == queue.line(app.db)
            with new.write() as tx:
                assert (queue.current_round(tx), queue.has(tx, one)) == (1, True)
        assert report.lost == []


def test_the_agents_of_a_paused_run_are_held_back_and_keep_their_places(db: Database) -> None:
    with db.write() as tx:
        runs.create(tx, Run("r1", "run-1", Manifest("night", ()), "paused", 7), ())
    one, mine = put(db, "r1", PERSON)

    assert [(each.agent_id, each.held) for each in queue.line(db)] == [(one, "its run is paused"), (mine, "")]
    with db.write() as tx:
        assert not queue.is_empty(tx)
        queue.leave(tx, mine)
        assert queue.is_empty(tx)


def test_who_has_lost_its_place_is_found(db: Database) -> None:
    one, two = put(db, PERSON, PERSON)
    with db.write() as tx:
        queue.leave(tx, one)

    assert queue.strays(db) == [one]
    assert line(db) == [two]
