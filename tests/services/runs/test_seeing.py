"""What the agents of a run are seen to have answered, and whether they go on."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.services.runs.recorded import RUN, Recorded, begun, told
from tmuxagents import clock
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.names import AgentId
from tmuxagents.services.ingest import ingest
from tmuxagents.services.runs import seeing, viewing
from tmuxagents.store import agents, journal, messages
from tmuxagents.value import replace


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


ASKED_MEANWHILE: list[tuple[EntryKind, str, dict[str, Any]]] = [
    ("prompt", "a task", {"turn": 1}),
    ("receipt", "", {"how": "queued", "digest": "d"}),
    ("text", "the answer", {}),
    ("turn", "", {"turn": 1, "how": "done"}),
    ("prompt", "how far are you?", {"turn": 2, "digest": "d"}),
    ("text", "I am done", {}),
]


@pytest.mark.parametrize(
    "then",
    [
        {"state": "idle", "turn": 2, "turns": 2, "ended": "done"},
        {"state": "idle", "turn": 2, "turns": 2, "ended": "interrupted"},
        {"state": "lost", "turn": 2, "turns": 1, "ended": "done"},
    ],
)
def test_the_answer_to_a_task_is_not_the_one_to_what_was_typed_while_it_worked_which_is_answered_first(
    one: Recorded, then: dict[str, Any]
) -> None:
    agent = one.agent(state="working", turn=2, turns=1, ended="done")
    with one.app.db.write() as tx:
        journal.append(tx, agent, 1, [NewEntry(kind, text, 1, detail) for kind, text, detail in ASKED_MEANWHILE])
    one.run(begun(agent))

    one.step()
    assert one.rows()["a"].state == "begun"
    one.set(agent, **then)
    one.step()

    assert (one.rows()["a"].state, one.rows()["a"].answer) == ("done", "the answer")


def test_what_was_said_to_an_agent_while_it_worked_at_its_task_belongs_to_it(one: Recorded) -> None:
    agent = one.agent(state="idle", turn=2, turns=2, ended="done")
    with one.app.db.write() as tx:
        messages.settle(tx, messages.hold(tx, agent, "otherwise", now_ns=0), state="delivered", verdict="queued")
        journal.append(tx, agent, 1, [NewEntry(kind, text, 1, detail) for kind, text, detail in ASKED_MEANWHILE])
    one.run(begun(agent))

    one.step()

    assert (one.rows()["a"].state, one.rows()["a"].answer) == ("done", "I am done")


# What a person has interrupted

CUT: dict[str, Any] = {"state": "idle", "turn": 1, "turns": 1, "ended": "interrupted"}


@pytest.mark.parametrize("is_told", [False, True])
def test_an_interrupted_task_is_not_tried_again_and_waits_to_be_told_how_it_goes_on(
    one: Recorded, is_told: bool
) -> None:
    agent = one.agent(**CUT)
    row = begun(agent, task={"retries": 3})
    if is_told:
        row = replace(row, told=told(one, agent), attempt=2)
        with one.app.db.write() as tx:
            messages.settle(tx, 1, state="delivered", verdict="submitted")
            said: list[tuple[EntryKind, dict[str, Any]]] = [
                ("prompt", {"turn": 1, "digest": "digest"}),
                ("turn", {"turn": 1, "how": "interrupted"}),
            ]
            journal.append(tx, agent, 1, [NewEntry(kind, "", 1, detail) for kind, detail in said])
    one.run(row)

    one.step()
    assert (one.rows()["a"].state, one.rows()["a"].attempt) == ("begun", row.attempt)
    view = viewing.view(one.app, RUN)
    assert view is not None
    assert view.waits == {"a": "was interrupted, and waits to be told how it goes on"}

    with one.app.db.write() as tx:
        journal.append(tx, agent, 1, [NewEntry("prompt", "so", 1, {"turn": 2}), NewEntry("text", "the answer", 1)])
    one.set(agent, state="idle", turn=2, turns=2, ended="done")
    one.step()

    assert (one.rows()["a"].state, one.rows()["a"].answer) == ("done", "the answer")


@pytest.mark.parametrize(
    ("kind", "now"),
    [
        ("command", {"state": "failed", "exit_code": 130}),
        ("demo", {**CUT, "state": "ended", "exit_code": 0}),
    ],
)
def test_a_program_that_a_person_has_ended_is_not_begun_again(one: Recorded, kind: str, now: dict[str, Any]) -> None:
    one.run(begun(one.agent(kind=kind, **now), task={"retries": 3, "kind": kind}))

    one.step()

    row = one.rows()["a"]
    assert (row.state, row.attempt) == ("failed", 1)
    assert (row.error or "").endswith("what a person interrupts is not tried again")


# What a program printed, of which the end may be missing

DRAINED = b"\x1b[5n"


def printed(one: Recorded, raw: bytes, *, ago_s: float) -> AgentId:
    """A program that has ended so long ago, and so much of its terminal was recorded."""
    agent = one.agent(kind="command", state="working")
    folder = one.app.folder(agent)
    folder.mkdir(parents=True)
    (folder / "pane.1.raw").write_bytes(raw)
    record = folder / "exit.1.json"
    record.write_text('{"code": 0}')
    os.utime(record, ns=(0, clock.now_ns() - round(ago_s * clock.SECOND)))
    return agent


def pull(one: Recorded, agent: AgentId, *, piped: bool = False) -> str:
    """Read on in it; the state that it is in then."""
    row = agents.by_id(one.app.db, agent)
    assert row is not None
    pane = PaneNow("@1", "%1", 1, True, None, piped, agent, 1, "agent") if piped else None
    ingest.pull(one.app, row, pane=pane)
    return agents.by_id(one.app.db, agent).condition.state  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("raw", "is_asked_for", "came"),
    [
        (b"the answer\r\n" + DRAINED, True, ("answered", "the answer")),
        (b"the answer\r\n" + DRAINED + b"left behind\r\n", True, ("answered", "the answer\nleft behind")),
        (b"half of the\r\n", True, ("failed", None)),
        (b"", True, ("failed", None)),
        (b"", False, ("answered", "")),
    ],
)
def test_an_answer_of_which_the_end_is_missing_is_none_where_it_is_asked_for(
    one: Recorded, raw: bytes, is_asked_for: bool, came: tuple[str, str | None]
) -> None:
    agent = printed(one, raw, ago_s=60)
    row = begun(agent)
    one.run(row)
    assert pull(one, agent) == "ended"

    seen = seeing.seen(one.app, [row], seeing.world(one.app, [row]), lambda row: is_asked_for)

    assert (seen["a"].now, seen["a"].answer) == came


def test_a_program_is_not_over_while_what_records_its_terminal_may_still_write(one: Recorded) -> None:
    agent = printed(one, b"half of", ago_s=5)
    assert pull(one, agent, piped=True) == "working"

    with (one.app.folder(agent) / "pane.1.raw").open("ab") as raw:
        raw.write(b" it\r\n" + DRAINED)

    assert pull(one, agent, piped=True) == "ended"
    assert [entry.text for entry in journal.after(one.app.db, 0, kinds=["output", "gap"], limit=9)] == ["half of it"]


def test_a_program_that_draws_is_not_over_while_its_last_screen_cannot_be_looked_at(one: Recorded) -> None:
    agent = printed(one, b"\x1b[2J\x1b[3;3Hthe answer" + DRAINED, ago_s=5)

    assert pull(one, agent, piped=True) == "working"
