"""What the agents of a run are seen to have answered, and whether they go on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.runs.recorded import Recorded, begun
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.services.runs import seeing
from tmuxagents.store import journal


def test_one_that_waits_for_an_answer_too_long_is_replaced(one: Recorded) -> None:
    agent = one.agent(state="waiting", turn=1, turns=0)
    row = begun(agent, task={"retries": 3, "timeout_s": 1.0})
    one.run(row)

    seen = seeing.seen(one.app, [row], seeing.world(one.app, [row]))

    assert not seen["a"].resumes


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
