"""The clock is set, forwards or backwards: order, states and limits hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.alone import alone, event
from tests.support.rows import claim
from tmuxagents import clock
from tmuxagents.drivers.tmux.snapshot import EMPTY
from tmuxagents.drivers.wake import open_wake
from tmuxagents.kinds import claude, folding
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Hook, SelfReport, Tick
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.controller import rules
from tmuxagents.services.controller.background import Beside
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.services.ingest import ingest
from tmuxagents.store import agents, journal

HOUR = 3600 * clock.SECOND


@pytest.mark.parametrize("together", [True, False])
def test_lines_written_after_the_clock_was_set_back_stay_behind_the_earlier_ones(root: Path, together: bool) -> None:
    now = clock.now_ns()
    with alone(root / "state") as one:
        for number, at in enumerate([now - HOUR, now, now - HOUR // 2, now - HOUR // 4]):
            one.add(event("text", text=str(number), at=at))
            if not together:
                one.pull()
        one.pull()

        entries = journal.after(one.app.db, 0, kinds=["text"])
        assert [entry.text for entry in entries] == ["0", "1", "2", "3"]
        assert [entry.at_ns - now for entry in entries] == [-HOUR, 0, -HOUR // 2, -HOUR // 4]


def test_a_line_without_a_time_gives_those_behind_it_none_of_its_own(root: Path) -> None:
    now = clock.now_ns()
    with alone(root / "state") as one:
        one.add(event("mode"))
        one.add(event("text", text="said a moment ago", at=now - clock.SECOND))
        one.pull()

        (entry,) = journal.after(one.app.db, 0, kinds=["text"])
        assert entry.at_ns == now - clock.SECOND


def hook(app: App, agent_id: AgentId, at_ns: int, name: str, **payload: object) -> None:
    spool = app.folder(agent_id) / "spool"
    spool.mkdir(parents=True, exist_ok=True)
    (spool / f"{at_ns}.1.{name}.7.json").write_text(json.dumps(payload))


def test_a_turn_that_ended_before_the_clock_was_set_back_is_told_at_once(root: Path) -> None:
    ahead = clock.now_ns() + HOUR
    with open_app(str(root / "state")) as app:
        agent_id = claim(app.db, kind="claude")
        hook(app, agent_id, ahead, "SessionStart", session_id="c", source="startup")
        hook(app, agent_id, ahead + 1, "UserPromptSubmit", prompt="go")
        hook(app, agent_id, ahead + 2, "Stop", last_assistant_message="a text that no transcript shows")
        agent = agents.by_id(app.db, agent_id)
        assert agent is not None

        ingest.pull(app, agent)

        assert [entry.kind for entry in journal.after(app.db, 0, kinds=["turn"])] == ["turn"]
        after = agents.by_id(app.db, agent_id)
        assert after is not None
        assert (after.condition.state, after.condition.turns) == ("idle", 1)
        assert folding.due_in(claude.KIND, after.condition, clock.now_ns()) is None


def test_a_report_written_after_the_clock_was_set_back_is_believed() -> None:
    ahead = clock.now_ns() + HOUR
    condition = Condition(conversation="c")
    for seen in (
        Hook("SessionStart", {"session_id": "c", "source": "startup"}, ahead),
        Hook("UserPromptSubmit", {"prompt": "go"}, ahead + 1),
        SelfReport({"sessionId": "c", "status": "busy", "statusUpdatedAt": ahead // 1_000_000, "pid": 7}, ahead),
    ):
        condition, _ = claude.KIND.observe(condition, seen)
    assert condition.state == "working"

    now = clock.now_ns()
    report = {"sessionId": "c", "status": "idle", "statusUpdatedAt": now // 1_000_000, "pid": 7}
    condition, _ = claude.KIND.observe(condition, SelfReport(report, now))
    condition, _ = claude.KIND.observe(condition, Tick(now + clock.SECOND))

    assert (condition.state, condition.reason) == ("idle", "interrupted")


@pytest.fixture
def limited(root: Path) -> Iterator[Team]:
    """A controller's team of one agent that may run for ten minutes and was just looked at."""
    with open_app(str(root / "state")) as app, open_wake() as wake:
        agent_id = claim(app.db, kind="command", options={"timeout_s": 600.0}, now_ns=clock.now_ns())
        with app.db.write() as tx:
            agents.set_phase(tx, agent_id, "running")
        agent = agents.by_id(app.db, agent_id)
        assert agent is not None
        team = Team(app, wake, EMPTY, Beside(app, wake), watched={agent_id: Watched(agent)})
        look(team)
        yield team


def look(team: Team) -> None:
    for watched in team.watched.values():
        rules.end_in_time(team, watched)


def test_an_agent_is_not_out_of_time_because_the_clock_was_set_forward(
    limited: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = clock.now_ns()
    monkeypatch.setattr(clock, "now_ns", lambda: started + 24 * HOUR)

    look(limited)

    assert journal.after(limited.app.db, 0, kinds=["error"]) == []


def test_an_agent_is_out_of_time_although_the_clock_was_set_back(
    limited: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, began = clock.now_ns(), clock.monotonic()
    monkeypatch.setattr(clock, "now_ns", lambda: started - 24 * HOUR)
    monkeypatch.setattr(clock, "monotonic", lambda: began + 601)

    look(limited)

    assert [entry.text for entry in journal.after(limited.app.db, 0, kinds=["error"])] == [
        "stopped: its timeout of 600 s has passed"
    ]
