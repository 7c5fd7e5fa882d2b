"""What a step of a run does about what its agents are, whatever befell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.runs.recorded import RUN, Recorded, begun, recorded
from tmuxagents.drivers import disk
from tmuxagents.errors import DiskFull
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.model.manifest import ForEach, Task
from tmuxagents.model.run import TaskRow, Told
from tmuxagents.names import AgentId
from tmuxagents.services.runs import reviving, seeing
from tmuxagents.store import agents, journal, locks, messages, runs

AT_WORK: dict[str, Any] = {"state": "working", "turn": 1, "turns": 0}
ANSWERED: dict[str, Any] = {"state": "idle", "turn": 1, "turns": 1, "ended": "done"}
LOST_AT_WORK: dict[str, Any] = {"state": "lost", "turn": 1, "turns": 0}


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Recorded]:
    with recorded(tmp_path / "state") as made:
        yield made


def told(one: Recorded, agent_id: AgentId, *, cut: int | None = None) -> Told:
    with one.app.db.write() as tx:
        return Told(messages.hold(tx, agent_id, "mend it", now_ns=1), 0, "digest", cut)


def test_one_that_has_answered_is_stopped_and_not_started_again(one: Recorded) -> None:
    agent = one.agent(state="lost", turn=1, turns=1, ended="done")
    one.run(begun(agent))

    stepped = one.step()

    assert one.rows()["a"].state == "done"
    assert stepped.revive == []


def test_one_that_is_not_waited_for_any_more_is_not_started_again(one: Recorded) -> None:
    agent = one.agent(**LOST_AT_WORK)
    one.run(begun(agent))
    lost = agents.by_id(one.app.db, agent)
    assert lost is not None
    with one.app.db.write() as tx:
        runs.set_state(tx, RUN, "stopping", ended_ns=None)
    one.step()

    reviving.revive(one.app, lost)

    assert one.rows()["a"].state == "stopped"
    assert one.rows()["a"].revived == 0


def test_what_a_person_stops_is_stopped_although_it_was_to_be_told_something(one: Recorded) -> None:
    agent = one.agent(phase="stopped", state="ended", turn=1, turns=1, ended="failed")
    one.run(begun(agent, attempt=2, told=told(one, agent), task={"retries": 3}))

    stepped = one.step()

    assert stepped.revive == []
    assert one.rows()["a"].state == "stopped"


def test_what_a_person_stops_is_stopped_although_it_was_lost(one: Recorded) -> None:
    one.run(begun(one.agent(phase="stopped", **LOST_AT_WORK)))

    stepped = one.step()

    assert stepped.revive == []
    assert one.rows()["a"].state == "stopped"


def test_one_that_cannot_be_started_again_does_not_keep_its_task_waiting(one: Recorded) -> None:
    agent = one.agent(state="failed", turn=1, turns=1, ended="failed")
    one.run(begun(agent, attempt=2, told=told(one, agent)))
    with one.app.db.write() as tx:
        runs.give_up(tx, RUN, "a", "its conversation is gone")

    one.step()

    assert one.rows()["a"].state == "failed"
    assert "its conversation is gone" in (one.rows()["a"].error or "")


def test_another_attempt_may_be_started_again_as_often_as_the_first(one: Recorded) -> None:
    agent = one.agent(state="idle", turn=1, turns=1, ended="failed")
    one.run(begun(agent, revived=5, task={"retries": 1}))

    one.step()

    assert (one.rows()["a"].attempt, one.rows()["a"].revived) == (2, 0)


def test_a_turn_that_took_too_long_is_interrupted_where_it_is_tried_again(one: Recorded) -> None:
    agent = one.agent(**AT_WORK)
    one.run(begun(agent, task={"retries": 1, "timeout_s": 1.0}))
    one.step()

    assert [each.id for each in one.step().interrupt] == [agent]
    # A turn that somebody else has begun since is not ours to end.
    one.set(agent, state="working", turn=2, turns=1)
    assert one.step().interrupt == []


def test_one_that_waits_for_an_answer_too_long_is_replaced(one: Recorded) -> None:
    agent = one.agent(state="waiting", turn=1, turns=0)
    row = begun(agent, task={"retries": 3, "timeout_s": 1.0})
    one.run(row)

    seen = seeing.seen(one.app, [row], seeing.world(one.app, [row]))

    assert not seen["a"].resumes


def test_the_agent_of_an_earlier_attempt_and_its_check_are_stopped(one: Recorded) -> None:
    old, check, new = one.agent(**AT_WORK), one.agent(kind="command", state="working"), one.agent(**AT_WORK)
    one.run(begun(new, attempt=2, earlier=(old, check)))

    assert {each.id for each in one.step().stop} == {old, check}


def test_a_check_that_took_too_long_is_not_forgotten_when_its_task_goes_on(one: Recorded) -> None:
    agent, check = one.agent(**ANSWERED), one.agent(kind="command", state="working", turn=0)
    one.run(begun(agent, state="checking", check_id=check, task={"check": "true", "retries": 1, "timeout_s": 1.0}))

    one.step()

    assert one.rows()["a"].earlier == (check,)
    assert [each.id for each in one.step().stop] == [check]


def test_the_agent_of_a_task_is_told_what_its_check_has_found(one: Recorded) -> None:
    agent, check = one.agent(**ANSWERED), one.agent(kind="command", state="ended", exit_code=1, turn=0)
    one.run(begun(agent, state="checking", check_id=check, task={"check": "false", "retries": 1}))

    one.step()

    assert (one.rows()["a"].state, one.rows()["a"].agent_id, one.rows()["a"].attempt) == ("begun", agent, 2)


def test_the_run_does_not_end_before_every_agent_that_a_task_had(one: Recorded) -> None:
    old = one.agent(**AT_WORK)
    one.run(begun(one.agent(**{**ANSWERED, "state": "ended"}), state="done", ended_ns=2, earlier=(old,)))

    assert [each.id for each in one.step().stop] == [old]
    assert runs.by_id(one.app.db, RUN).state == "running"  # type: ignore[union-attr]


def test_what_a_person_asks_of_one_that_has_answered_is_not_cut_off(one: Recorded) -> None:
    agent = one.agent(state="working", turn=2, turns=1, ended="done")
    one.run(begun(agent, state="done", ended_ns=2, answer="an answer"))

    assert one.step().stop == []
    for turns in (1, 2):
        # Also where the end of that turn was never told: the run would not come to its own.
        one.set(agent, state="idle", turn=2, turns=turns, ended="done")
        assert [each.id for each in one.step().stop] == [agent]


def test_one_that_is_kept_is_stopped_all_the_same_when_its_time_is_over(one: Recorded) -> None:
    agent = one.agent(**AT_WORK)
    one.run(begun(agent, task={"keep": True, "timeout_s": 1.0}))

    assert [each.id for each in one.step().stop] == [agent]


def test_a_lock_is_free_when_its_agent_is_over_and_not_before(one: Recorded) -> None:
    agent = one.agent(**AT_WORK)
    one.run(begun(agent, task={"locks": ["db"], "timeout_s": 1.0}))
    with one.app.db.write() as tx:
        assert locks.keep(tx, ["db"], agent, run="run-1", now_ns=1)

    one.step()
    assert one.rows()["a"].state == "timed-out"
    assert [kept.name for kept in locks.kept(one.app.db)] == ["db"]

    one.set(agent, phase="stopped", state="ended", turn=1)
    one.step()
    assert locks.kept(one.app.db) == []


def test_a_full_disk_says_nothing_of_the_task_that_was_to_begin(one: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    one.run(begun(None, state="waiting", attempt=0, begun_ns=None, task={"kind": "command", "args": ["true"]}))

    def full(*_: object, **__: object) -> None:
        raise DiskFull("the disk is full", hint="df")

    monkeypatch.setattr(disk, "need_room", full)
    with pytest.raises(DiskFull):
        one.step()

    assert one.rows()["a"].state == "waiting"


def test_what_was_asked_for_is_taken_back_where_the_next_one_cannot_be(
    one: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = {"kind": "command", "args": ["true"]}
    waits: dict[str, Any] = {"state": "waiting", "attempt": 0, "begun_ns": None, "task": task}
    one.run(begun(None, **waits), begun(None, key="b", **waits))
    looks: list[int] = []

    def full_at_the_second(*_: object, **__: object) -> None:
        looks.append(1)
        if len(looks) == 2:
            raise DiskFull("the disk is full", hint="df")

    monkeypatch.setattr(disk, "need_room", full_at_the_second)
    with pytest.raises(DiskFull):
        one.step()

    assert list((one.app.state / "agents").iterdir()) == []


def test_two_tasks_whose_names_are_one_when_they_are_cut_get_two(one: Recorded) -> None:
    waits: dict[str, Any] = {
        "state": "waiting",
        "attempt": 0,
        "begun_ns": None,
        "task": {"kind": "command", "args": ["true"]},
    }
    long = "a-task-with-a-name-that-is-longer-than-any-agents"
    one.run(begun(None, key=f"{long}-1", **waits), begun(None, key=f"{long}-2", **waits))

    one.step()

    assert {row.state for row in one.rows().values()} == {"begun"}


def test_what_was_told_and_not_taken_is_told_once_more(one: Recorded) -> None:
    agent = one.agent(state="lost", turn=1, turns=1, ended="failed")
    message = told(one, agent)
    with one.app.db.write() as tx:
        messages.settle(tx, message.message, state="delivered", verdict="submitted")
    one.run(begun(agent, attempt=2, error="the tests fail", told=message, task={"retries": 1}))
    lost = agents.by_id(one.app.db, agent)
    assert lost is not None

    reviving._count(one.app, RUN, "a", agent)

    [held] = messages.held(one.app.db, agent)
    assert "the tests fail" in held.text
    assert one.rows()["a"].told != message
    assert one.rows()["a"].revived == 1


def test_what_it_had_said_before_it_was_lost_is_read_before_it_is_started_again(one: Recorded) -> None:
    agent = one.agent(task_due=True, state="lost")
    one.run(begun(agent))
    folder = one.app.folder(agent)
    (folder / "spool").mkdir(parents=True)
    said = [
        {"event": "prompt", "text": "a task"},
        {"event": "text", "text": "an answer"},
        {"event": "turn_end"},
    ]
    (folder / "events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in said))
    lost = agents.by_id(one.app.db, agent)
    assert lost is not None

    reviving.revive(one.app, lost)

    assert one.rows()["a"].revived == 0


def test_what_begins_is_told_what_has_ended_in_the_same_step(one: Recorded) -> None:
    first = one.agent(**ANSWERED)
    with one.app.db.write() as tx:
        journal.append(tx, first, 1, [NewEntry("text", "forty-two", 1)])
    waits: dict[str, Any] = {"state": "waiting", "attempt": 0, "begun_ns": None}
    task = {"kind": "demo", "depends_on": ["a"], "prompt": "it said {{ tasks.a.answer }}"}
    one.run(begun(first), begun(None, key="b", task=task, **waits))

    one.step()

    [second] = agents.among(one.app.db, [one.rows()["b"].agent_id or ""])
    assert second.task == "it said forty-two"


def repeated(folder: Path) -> TaskRow:
    task = Task("a", "read {{ item }}", kind="demo", for_each=ForEach(glob="**/*.txt", chunk=2), dir=str(folder))
    return TaskRow("a", task, group=True)


def test_a_task_is_repeated_for_the_files_that_are_there(one: Recorded, tmp_path: Path) -> None:
    for name in ("c.txt", "a.txt", "b.md", "sub/b.txt"):
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).touch()
    (tmp_path / "files" / "folder.txt").mkdir()
    one.run(repeated(tmp_path / "files"))

    one.step()

    assert [row.item for row in one.rows().values() if row.of] == [["a.txt", "c.txt"], ["sub/b.txt"]]


def test_a_task_that_is_repeated_for_files_of_which_there_are_none_fails(one: Recorded, tmp_path: Path) -> None:
    one.run(repeated(tmp_path / "none"))

    one.step()

    assert one.rows()["a"].state == "failed"
    assert "no file" in (one.rows()["a"].error or "")


@pytest.mark.parametrize("now", [{"state": "working", "turn": 2, "turns": 1}, {"state": "idle", "turn": 2, "turns": 2}])
def test_the_answer_to_a_task_is_not_the_one_to_what_a_person_asked_next(one: Recorded, now: dict[str, Any]) -> None:
    agent = one.agent(ended="done", **now)
    said: list[tuple[EntryKind, str, dict[str, Any]]] = [
        ("prompt", "a task", {"turn": 1}),
        ("text", "the answer", {}),
        ("turn", "", {"turn": 1, "how": "done"}),
        ("prompt", "and what of this?", {"turn": 2}),
        ("text", "another", {}),
    ]
    with one.app.db.write() as tx:
        journal.append(tx, agent, 1, [NewEntry(kind, text, 1, detail) for kind, text, detail in said])
    one.run(begun(agent))

    one.step()

    assert (one.rows()["a"].state, one.rows()["a"].answer) == ("done", "the answer")


def test_what_was_said_to_an_agent_while_it_worked_at_its_task_counts(one: Recorded) -> None:
    agent = one.agent(state="working", turn=2, turns=1, ended="done")
    said: list[tuple[EntryKind, str, dict[str, Any]]] = [
        ("prompt", "a task", {"turn": 1}),
        ("receipt", "", {"how": "queued", "digest": "d"}),
        ("text", "the answer", {}),
        ("turn", "", {"turn": 1, "how": "done"}),
        ("prompt", "otherwise, please", {"turn": 2, "digest": "d"}),
    ]
    with one.app.db.write() as tx:
        journal.append(tx, agent, 1, [NewEntry(kind, text, 1, detail) for kind, text, detail in said])
    one.run(begun(agent))

    one.step()

    assert one.rows()["a"].state == "begun"
