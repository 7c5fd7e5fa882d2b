"""A run as who looks on is shown it: what each task waits for."""

from __future__ import annotations

import pytest

from tests.services.runs.recorded import ANSWERED, RUN, Recorded, begun, told
from tmuxagents.cli.render import run as rendering
from tmuxagents.services.runs import viewing
from tmuxagents.store import messages, queue, runs


def lined_up(one: Recorded, why: str) -> str:
    agent = one.agent(phase="queued", state="queued", name="two")
    with one.app.db.write() as tx:
        queue.join(tx, agent, owner=RUN, why=why)
    return agent


def held(one: Recorded, why: str | None, **now: object) -> object:
    """A task whose agent is to be told what was wrong, and what keeps it from that."""
    agent = one.agent(**{**ANSWERED, **now}, name="one")
    row = begun(agent, attempt=2, told=told(one, agent), task={"retries": 1})
    if why is not None:
        with one.app.db.write() as tx:
            messages.note_obstacle(tx, row.told.message, why)  # type: ignore[union-attr]
    return row


def test_what_keeps_a_task_from_going_on_is_shown_and_told_once(
    one: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    queued = begun(lined_up(one, "max_unreviewed = 1"), key="b")
    one.run(held(one, "somebody has begun a text in its input box"), queued)  # type: ignore[arg-type]

    now = viewing.view(one.app, RUN)
    assert now is not None
    rendering.tell([now, now])

    typed = "cannot be told what was wrong: somebody has begun a text in its input box"
    assert [line for line in capsys.readouterr().err.splitlines() if "tmuxagents" in line] == [
        f"a {typed}; tmuxagents attach one",
        "b waits: max_unreviewed = 1; tmuxagents queue",
    ]
    assert [row.split("  ")[-1] for row in rendering.table(now, width=None)[1:]] == [typed, "max_unreviewed = 1"]
    assert [task["waits"] for task in viewing.as_json(now)["tasks"]] == [typed, "max_unreviewed = 1"]


def test_what_a_program_printed_last_is_shown_once(one: Recorded) -> None:
    agent = one.agent(kind="command", state="failed", name="one")
    one.run(begun(agent, state="failed", error="exit 1: checkout\ncheckout", ended_ns=2))

    now = viewing.view(one.app, RUN)

    assert now is not None
    assert rendering.table(now, width=None)[1].endswith("  exit 1 checkout")


@pytest.mark.parametrize(
    ("why", "state", "held_back"),
    [
        (None, "idle", []),
        ("somebody has begun a text in its input box", "idle", ["window"]),
        (None, "waiting", ["needs-you"]),
    ],
)
def test_who_cannot_be_told_waits_for_a_person_and_not_for_the_queue(
    one: Recorded, why: str | None, state: str, held_back: list[str]
) -> None:
    one.run(held(one, why, state=state))  # type: ignore[arg-type]

    one.step()

    assert [span.why for span in runs.spans(one.app.db, RUN)] == held_back


@pytest.mark.parametrize(
    ("why", "state", "held_back"),
    [("", "running", []), ("max_agents = 1", "running", ["queue"]), ("", "paused", ["paused"])],
)
def test_a_start_that_nothing_holds_back_is_no_wait_in_the_queue(
    one: Recorded, why: str, state: str, held_back: list[str]
) -> None:
    one.run(begun(lined_up(one, why), key="b"), state=state)  # type: ignore[arg-type]

    one.step()

    assert [span.why for span in runs.spans(one.app.db, RUN)] == held_back


def test_in_a_graph_each_task_stands_below_what_it_waits_for(one: Recorded) -> None:
    after = {"b": ["a"], "c": ["a"], "d": ["b", "c"]}
    one.run(*(begun(None, key=key, state="waiting", task={"depends_on": after.get(key, [])}) for key in "dacb"))
    now = viewing.view(one.app, RUN)
    assert now is not None

    rows = rendering.table(now, width=None, graph=True)

    assert [row.split("  waiting")[0].rstrip() for row in rows[1:]] == ["a", "├─c", "│ └─d + b", "└─b"]
