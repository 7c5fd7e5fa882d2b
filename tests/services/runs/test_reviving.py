"""What starts the program of a task again, and what it is told then."""

from __future__ import annotations

import json

from tests.services.runs.recorded import LOST_AT_WORK, RUN, Recorded, begun, told
from tmuxagents.services.runs import reviving
from tmuxagents.store import agents, messages, runs


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
