"""Names that are claimed, and rows that come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import beside
from tests.support.rows import claim, write
from tmuxagents.errors import NameTaken
from tmuxagents.model.agent import PaneAddress
from tmuxagents.model.condition import Condition, Dialog, Usage
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import agents, journal, messages, sources
from tmuxagents.store.database import Database

CLAIM = """
import sys, uuid
from pathlib import Path
from tmuxagents.store import agents
from tmuxagents.store.database import Database
with Database(Path(sys.argv[1])) as db:
    sys.stdin.read()
    with db.write() as tx:
        print(agents.claim(tx, agent_id=str(uuid.uuid4()), name=None, kind="demo", folder="/", task=None,
                           options={}, color=0, now_ns=1))
"""


def name_of(db: Database, agent_id: AgentId) -> str:
    found = agents.by_id(db, agent_id)
    assert found is not None
    return found.name


def test_of_two_who_rename_it_by_one_name_the_second_finds_nobody(db: Database, agent: AgentId) -> None:
    old = AgentName(name_of(db, agent))
    with db.write() as tx:
        done = [agents.rename(tx, agent, old, AgentName(new)) for new in ("one", "two")]

    assert done == [True, False]
    assert name_of(db, agent) == "one"


def test_names_count_up(db: Database) -> None:
    assert [name_of(db, claim(db)) for _ in range(3)] == ["agent-1", "agent-2", "agent-3"]


def test_twenty_processes_that_claim_at_once_have_twenty_names(path: Path) -> None:
    Database(path).close()
    started = [beside.python(CLAIM, path) for _ in range(20)]
    for one in started:
        beside.go(one)
    said = [beside.line(one).strip() for one in started]
    codes = [one.wait() for one in started]

    assert codes == [0] * 20
    assert sorted(said) == sorted(f"agent-{n}" for n in range(1, 21))


def test_a_taken_name_says_by_whom_and_nothing_is_claimed(db: Database) -> None:
    claim(db, "api", task="add auth")

    with pytest.raises(NameTaken, match=r"'api' is taken by an agent that is starting: add auth") as caught:
        claim(db, "api")

    assert "tmuxagents show api" in str(caught.value.hint)
    assert len(agents.known(db)) == 1


def test_a_given_name_is_passed_over_when_counting(db: Database) -> None:
    claim(db, "agent-1")

    assert name_of(db, claim(db)) == "agent-2"


def test_the_name_of_a_forgotten_agent_can_be_given_again_but_is_not_counted_again(db: Database) -> None:
    first = claim(db)
    with db.write() as tx:
        agents.forget(tx, first)

    assert name_of(db, claim(db)) == "agent-2"
    assert name_of(db, claim(db, "agent-1")) == "agent-1"


def test_a_claim_that_is_given_back_leaves_nothing(db: Database) -> None:
    agent = claim(db, "api")
    write(db, agent, "task", kind="spawned")

    with db.write() as tx:
        agents.unclaim(tx, agent)

    assert agents.known(db) == []
    assert journal.after(db, 0) == []


def test_a_claim_that_somebody_has_followed_already_is_given_back_whole(db: Database) -> None:
    agent = claim(db, "api")
    write(db, agent, "working", kind="state")
    with db.write() as tx:
        sources.advance(tx, agent, [sources.Position("pane:1", 0)])
        messages.hold(tx, agent, "for later", now_ns=1)

    with db.write() as tx:
        agents.unclaim(tx, agent)

    assert (agents.known(db), sources.of(db, agent), messages.held(db)) == ([], {}, [])


def test_an_agent_that_runs_is_not_unclaimed(db: Database, agent: AgentId) -> None:
    write(db, agent, "said")
    with db.write() as tx:
        agents.place(tx, agent, PaneAddress("1.2", "@1", "%1", 7), phase="running")

    with db.write() as tx:
        agents.unclaim(tx, agent)

    found = agents.by_id(db, agent)
    assert found is not None
    assert found.place == PaneAddress("1.2", "@1", "%1", 7)
    assert [entry.text for entry in journal.after(db, 0)] == ["said"]


def test_of_two_that_claim_the_next_start_one_wins(db: Database, agent: AgentId) -> None:
    with db.write() as tx:
        agents.set_phase(tx, agent, "stopped")
    with db.write() as tx:
        assert agents.next_generation(tx, agent, 1, now_ns=2)
    with db.write() as tx:
        assert not agents.next_generation(tx, agent, 1, now_ns=3)


def test_the_next_start_is_of_the_next_generation_and_has_no_place_yet(db: Database, agent: AgentId) -> None:
    with db.write() as tx:
        agents.place(tx, agent, PaneAddress("1.2", "@1", "%1", 7), phase="stopped")

    with db.write() as tx:
        agents.next_generation(tx, agent, 1, now_ns=2)

    found = agents.by_id(db, agent)
    assert found is not None
    assert (found.generation, found.phase, found.place) == (2, "claimed", None)


def test_a_condition_comes_back_as_it_was(db: Database, agent: AgentId) -> None:
    condition = Condition(
        state="waiting",
        since_ns=7,
        evidence="hook",
        dialog=Dialog("question", "which?", ("a", "b"), 1, False),
        reason="é🎉",
        last_text="half a pair \ud800",
        usage=Usage(1, 2, 3, 4, 5),
        kind_state={"deep": [1, {"x": None}]},
    )

    with db.write() as tx:
        agents.set_condition(tx, agent, condition)

    found = agents.by_id(db, agent)
    assert found is not None
    assert found.condition == condition


def test_a_condition_of_an_older_or_newer_version_is_read(db: Database, agent: AgentId) -> None:
    with db.write() as tx:
        tx.execute('UPDATE agents SET condition = \'{"state": "idle", "unheard_of": 1}\' WHERE id = ?', (agent,))

    found = agents.by_id(db, agent)
    assert found is not None
    assert found.condition == Condition(state="idle")
