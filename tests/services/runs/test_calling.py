"""The end of a run is a notice, recorded with it."""

from __future__ import annotations

import pytest

from tests.services.runs.recorded import AT_WORK, RUN, Recorded, begun
from tmuxagents import clock
from tmuxagents.model.run import RunState, TaskState
from tmuxagents.services.notices import sending
from tmuxagents.store import notices, runs


def told(one: Recorded) -> list[tuple[str, str, str, str]]:
    """What is to be decided."""
    found = notices.to_decide(one.app.db, clock.now_ns())
    return [(each.new.kind, each.agent, each.new.state, each.new.what) for each, _ in found if each.is_of_run]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("done", ("finished", "run-1", "done", "2 of 2 done")),
        ("failed", ("failed", "run-1", "failed", "1 of 2 done, 1 failed (b)")),
        ("stopped", ("failed", "run-1", "failed", "1 of 2 done, 1 stopped (b)")),
    ],
)
def test_a_person_is_called_for_it_once(one: Recorded, state: TaskState, expected: tuple[str, str, str, str]) -> None:
    one.run(begun(None, state="done", ended_ns=2), begun(None, key="b", state=state, ended_ns=2))

    for _ in range(3):
        one.step()

    assert told(one) == [expected]


@pytest.mark.parametrize("state", ["running", "stopping"])
def test_nobody_is_called_for_one_that_goes_on_or_that_somebody_stopped(one: Recorded, state: RunState) -> None:
    goes_on = state == "running"
    row = begun(one.agent(**AT_WORK)) if goes_on else begun(None, state="stopped", ended_ns=2)
    one.run(row, state=state)

    one.step()

    assert told(one) == []


@pytest.mark.parametrize(
    ("state", "is_gone", "expected"),
    [
        ("failed", False, (1, "")),
        ("failed", True, (0, "somebody reacted before")),
        ("done", False, (0, "not asked for")),
    ],
)
def test_it_is_sent_where_it_is_asked_for_and_the_run_is_there(
    one: Recorded, state: TaskState, is_gone: bool, expected: tuple[int, str]
) -> None:
    one.run(begun(None, state=state, ended_ns=2))
    one.step()
    if is_gone:
        with one.app.db.write() as tx:
            runs.forget(tx, RUN)

    sending.decide_due(one.app)

    assert [tuple(row) for row in one.app.db.read(_DECIDED)] == [expected]


_DECIDED = "SELECT (SELECT count(*) FROM notice_sendings WHERE notice = number), why FROM notices WHERE generation = 0"
