"""Runs are begun, added to, stopped and tried again, whoever else does something at the same moment."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.runs.recorded import RUN, Recorded, begun, recorded
from tmuxagents.errors import Refused
from tmuxagents.model.manifest import Task
from tmuxagents.services.app import open_app
from tmuxagents.services.runs import filling, starting
from tmuxagents.store import runs


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    monkeypatch.setattr(starting, "wake", lambda _: None)
    with recorded(tmp_path / "state") as made:
        yield made


def test_a_task_is_added_to_a_run_that_changes_all_the_time(one: Recorded) -> None:
    one.run(begun(None))
    run = runs.by_id(one.app.db, RUN)
    assert run is not None
    over = threading.Event()

    def change() -> None:
        with open_app(str(one.app.state)) as other:
            while not over.is_set():
                with other.db.write() as tx:
                    runs.touch(tx, RUN)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for number in range(30):
            starting.add(one.app, run, [Task(f"t{number}", "do it")])
    finally:
        over.set()
        changing.join()

    assert list(one.rows()) == ["a", *(f"t{number}" for number in range(30))]


def test_of_two_that_add_one_task_the_second_is_refused(one: Recorded) -> None:
    one.run(begun(None))
    run = runs.by_id(one.app.db, RUN)
    assert run is not None
    starting.add(one.app, run, [Task("b", "do it")])

    with pytest.raises(Refused, match="has a task 'b' already"):
        starting.add(one.app, run, [Task("b", "do something else")])


def test_what_was_kept_for_a_run_that_was_never_recorded_is_taken_away(one: Recorded) -> None:
    one.run(begun(None))
    for name in (RUN, "never", "just-now"):
        filling.keep_environment(one.app, name, {"KEY": "secret"})
    for name in (RUN, "never"):
        os.utime(filling.folder(one.app, name), (1, 1))

    filling.sweep(one.app)

    assert {path.name for path in (one.app.state / "runs").iterdir()} == {RUN, "just-now"}
