"""Runs and the rows of their tasks: kept whole, changed by one at a time, in one namespace with the agents."""

from __future__ import annotations

import pytest

from tests.support.rows import claim
from tmuxagents.errors import NameTaken
from tmuxagents.model.manifest import ForEach, Join, Manifest, Task
from tmuxagents.model.run import Run, Span, TaskRow
from tmuxagents.store import runs
from tmuxagents.store.database import Database
from tmuxagents.value import replace

TASKS = (
    Task(id="lint", prompt="lint {{ item }}", for_each=ForEach(items=("a", "b")), worktree=True, env={"A": "1"}),
    Task(id="both", prompt="sum up", join=Join(of=("lint",), need=1), worktree="sum"),
)
RUN = Run("r1", "run-1", Manifest("night", TASKS, max_parallel=2, budget_usd=1.5), "running", 7, dir="/w")
ROWS = [
    TaskRow("lint", TASKS[0], group=True),
    TaskRow("lint-1", TASKS[0], of="lint", item="a", state="begun", agent_id="a1", attempt=1),
    TaskRow("both", TASKS[1], state="checking", agent_id="a2", check_id="c2"),
]


def _create(db: Database, run: Run = RUN) -> None:
    with db.write() as tx:
        runs.create(tx, run, ROWS)


def test_a_run_and_its_rows_are_as_they_were_recorded(db: Database) -> None:
    _create(db)

    found = runs.by_name(db, "run-1")
    assert found == RUN
    assert found is not None
    assert runs.rows(db, found) == ROWS
    assert [(run.name, run.manifest.tasks) for run in runs.known(db)] == [("run-1", ())]


def test_a_changed_row_keeps_its_place(db: Database) -> None:
    _create(db)
    with db.write() as tx:
        runs.put(tx, "r1", [replace(ROWS[0], state="done", answer="ä"), TaskRow("late", Task("late"))])

    assert [(row.key, row.state) for row in runs.rows(db, RUN)] == [
        ("lint", "done"),
        ("lint-1", "begun"),
        ("both", "checking"),
        ("late", "waiting"),
    ]
    assert runs.counts(db, "r1") == {"begun": 1, "checking": 1, "waiting": 1}


def test_of_two_who_decided_on_the_same_version_one_records(db: Database) -> None:
    _create(db)
    read = runs.version(db, "r1")
    with db.write() as tx:
        assert runs.advance(tx, "r1", read)
        assert not runs.advance(tx, "r1", read)


def test_an_agent_tells_its_task_and_so_does_that_of_its_check(db: Database) -> None:
    _create(db)

    assert runs.of_agent(db, "a1") == ("r1", "lint-1")
    assert runs.of_agent(db, "c2") == ("r1", "both")
    assert runs.of_agent(db, "a3") is None


@pytest.mark.parametrize("name", ["night", "night-lint"])
def test_a_run_takes_no_name_that_an_agent_has_or_that_its_agents_would_have(db: Database, name: str) -> None:
    claim(db, name)

    with pytest.raises(NameTaken):
        _create(db, replace(RUN, name="night"))


@pytest.mark.parametrize("name", ["run-1", "run-1-lint"])
def test_no_agent_of_anybodys_takes_the_name_of_a_run_or_of_its_agents(db: Database, name: str) -> None:
    _create(db)

    with pytest.raises(NameTaken):
        claim(db, name)
    claim(db, "run-11")


def test_the_next_name_is_one_that_was_never_given(db: Database) -> None:
    with db.write() as tx:
        runs.create(tx, replace(RUN, name=runs.next_name(tx)), ROWS)
        runs.forget(tx, "r1")
        assert runs.next_name(tx) == "run-2"


def test_of_the_times_that_tasks_waited_those_of_some_tasks_for_one_reason_are_found(db: Database) -> None:
    _create(db)
    wanted = [Span("lint-1", "limited", 5, 6), Span("both", "limited", 7)]
    with db.write() as tx:
        runs.put_spans(tx, "r1", [*wanted, Span("lint-1", "locks", 1, 2), Span("lint-2", "limited", 5, 6)])
        runs.put_spans(tx, "r2", [Span("both", "limited", 5, 6)])

    assert runs.spans_of(db, "r1", ["both", "lint-1"], why="limited") == wanted
    assert runs.spans_of(db, "r1", [], why="limited") == []
