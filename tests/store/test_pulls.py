"""The pull requests of agents: of two who change one at once one wins, and a rebuild tells nothing again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rows import claim
from tmuxagents.model.pull import Pull
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.repair import replay
from tmuxagents.store import agents, pulls
from tmuxagents.store.database import Database
from tmuxagents.store.repair import salvage
from tmuxagents.value import replace

PULL = Pull("https://github.com/o/n/pull/12", 12, "github.com/o/n", "t/api", watched=True)


def put(db: Database, agent: AgentId, pull: Pull = PULL) -> None:
    with db.write() as tx:
        pulls.put(tx, agent, pull)


def test_of_two_who_go_by_the_same_record_one_changes_it(db: Database, agent: AgentId) -> None:
    put(db, agent)

    with db.write() as tx:
        assert pulls.change(tx, agent, PULL, replace(PULL, told=1))
        assert not pulls.change(tx, agent, PULL, replace(PULL, told=1, checks="fail"))

    assert pulls.of(db, agent) == replace(PULL, told=1)


def test_only_what_is_watched_of_an_agent_on_the_lists_is_looked_at(db: Database, agent: AgentId) -> None:
    other, third = claim(db), claim(db)
    put(db, agent)
    put(db, other, replace(PULL, watched=False))
    put(db, third)
    with db.write() as tx:
        agents.forget(tx, third)

    assert pulls.watched(db) == {agent: PULL}
    assert set(pulls.known(db)) == {agent, other, third}


@pytest.mark.parametrize("whole", [True, False])
def test_a_rebuild_keeps_them_and_watches_none_where_what_was_told_may_be_lost(tmp_path: Path, whole: bool) -> None:
    with open_app(str(tmp_path / "state")) as app:
        agent = claim(app.db)
        put(app.db, agent)
        with app.db.write() as tx:
            pulls.see(tx, agent, ["remark:1", "remark:2"])
            pulls.see(tx, agent, ["remark:2"])
        found = salvage.read(app.db.path)
        if not whole:
            found.broken.add("pull_seen")
        report = replay.Report(tmp_path)

        with Database(tmp_path / "new.db", new=True) as new:
            replay.fill(App(state=app.state, server=app.server, _db=new), found, report)

            assert pulls.of(new, agent) == replace(PULL, watched=whole)
            assert set(pulls.watched(new)) == ({agent} if whole else set())
            assert pulls.seen(new, agent) == {"remark:1", "remark:2"}
    assert any("pull requests" in row for row in report.lost) is not whole
