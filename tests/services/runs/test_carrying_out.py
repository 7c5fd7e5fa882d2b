"""What a step needs looked up, and what becomes of it where that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.services.runs.recorded import ANSWERED, Recorded, begun
from tmuxagents.drivers import disk
from tmuxagents.errors import DiskFull
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.manifest import ForEach, Task
from tmuxagents.model.run import TaskRow
from tmuxagents.store import agents, journal


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
