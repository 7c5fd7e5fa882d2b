"""Waits on the real `claude`: nothing is owed, what is promised is in the journal, exit codes are true."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.conftest import either_chair, either_version
from tests.support import fleet as fleets
from tests.support.chair import Seat
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


@either_version
def test_wait_right_behind_spawn_is_until_the_task_is_done_and_told(claude: Fleet) -> None:
    agent = claude.ok("spawn", "-q", "say: the answer").out.strip()

    assert claude.ok("wait", "--timeout", "60").out == f"{agent} idle\n"

    assert [e["text"] for e in claude.entries("--only", "text,turn")] == ["the answer", ""]
    states = [e["text"] for e in claude.entries("--only", "state")]
    assert states == ["working", "idle"]


@either_chair
def test_wait_is_until_what_was_queued_and_held_is_done_too(seat: Seat) -> None:
    claude, api, agent = seat
    claude.ok("say", agent, "slow: 60 first")
    claude.wait_state(agent, "working")
    assert claude.ok("say", agent, "say: queued").out.startswith("queued")
    claude.ok("say", "--when-idle", agent, "say: held")
    waiting = claude.start("wait", "--timeout", "60")
    answering = claude.start("say", "--wait", agent, "say: last")

    eventually(lambda: _receipts(claude) == 4, 20)
    api.release()

    assert waiting.wait(60) == 0
    assert [e["text"] for e in claude.entries("--only", "text")][-1:] == ["held"]
    assert answering.communicate(timeout=60)[0] == "last\n"


@pytest.mark.soak
def test_what_a_person_takes_back_from_the_queue_is_waited_for_no_longer(claude: Fleet, api: MessagesApi) -> None:
    # A start of its own: behind a /clear of 2.1.330 the taking back was not seen, and the wait ended with the turn.
    agent = claude.ok("spawn", "-q").out.strip()
    claude.wait_state(agent, "idle")
    claude.ok("say", agent, "slow: 60 first")
    claude.wait_state(agent, "working")
    answering = claude.start("say", "--wait", agent, "say: queued")
    eventually(lambda: _receipts(claude) == 2, 20)
    # The hook of 2.1.330 is quicker than the queue.
    eventually(lambda: "queued" in claude.screen(agent), 10, lambda: claude.screen(agent))

    claude.tmux("send-keys", "-t", claude.pane(agent), "Up")

    assert answering.wait(30) == 5
    api.release()
    claude.ok("wait", "--timeout", "60")


@either_version
@pytest.mark.parametrize("status", [400, pytest.param(529, marks=pytest.mark.soak)])
def test_a_turn_that_fails_is_exit_code_5_for_all_of_them(claude: Fleet, status: int) -> None:
    task, retries = f"err: {status}", ("--env", "CLAUDE_CODE_MAX_RETRIES=1")

    spawned = claude("spawn", "--wait", "-q", *retries, task)
    waited = claude("wait")
    said = claude("say", "--wait", "agent-1", task)

    for ran in (spawned, waited, said):
        assert ran.code == 5, ran
        assert f"scripted {status}" in ran.err, claude.screen("agent-1")


def test_compacting_and_clearing_are_done_when_they_return_and_end_no_turn(seat: Seat) -> None:
    claude, _, agent = seat
    for text in ("say: one", "say: two"):
        claude.ok("say", "--wait", agent, text)

    for command in ("/compact", "/clear"):
        ran = claude.ok("say", "--wait", agent, command, within=30)
        assert ran.out == ""
        claude.ok("wait", "--timeout", "20")

    assert [e["detail"]["how"] for e in claude.entries("--only", "turn")] == ["done", "done"]


@pytest.mark.soak
def test_a_long_compaction_is_submitted_and_waited_for(seat: Seat) -> None:
    claude, api, agent = seat
    before = claude.agent(agent)["turns"]
    for text in ("say: one", "say: two"):
        claude.ok("say", "--wait", agent, text)
    api.hold_summaries()
    saying = claude.start("say", "--wait", agent, "/compact")

    compacting = claude.wait_for(agent, lambda a: a["state"] == "working")
    assert compacting["reason"] == "compacting"
    assert claude("wait", "--timeout", "0.5s").code == 4
    api.release()

    out, err = saying.communicate(timeout=60)
    assert (saying.returncode, out) == (0, ""), err
    assert claude.agent(agent)["turns"] == before + 2


@either_version
@pytest.mark.parametrize(("task", "code"), [("/nosuch", 5), pytest.param("/compact", 0, marks=pytest.mark.soak)])
def test_a_task_that_is_a_command_ends_the_start(claude: Fleet, task: str, code: int) -> None:
    ran = claude("spawn", "--wait", task, within=30)

    assert ran.code == code, ran
    assert claude.entries("--only", "turn") == []
    assert claude.agent("agent-1")["state"] == "idle"


@pytest.mark.soak
@either_version
def test_a_turn_whose_folder_was_deleted_is_done_and_not_interrupted(claude: Fleet, api: MessagesApi) -> None:
    folder = claude.root / "gone"
    folder.mkdir()
    fleets.trust(claude, claude.work, folder)
    agent = claude.ok("spawn", "-q", "-C", str(folder), "slow: 60 the answer").out.strip()
    eventually(lambda: bool(api.requests), 20)

    shutil.rmtree(folder)
    api.release()

    waited = claude("wait", agent, "--timeout", "30")
    assert waited.code == 0, (waited, claude.ok("show", agent).out)
    assert [e["detail"]["how"] for e in claude.entries("--only", "turn")] == ["done"]
    assert [e["text"] for e in claude.entries("--only", "text")] == ["the answer"]
    assert claude.agent(agent)["reason"] is None


def _idle(claude: Fleet) -> str:
    agent = claude.ok("spawn", "-q").out.strip()
    claude.wait_state(agent, "idle")
    return agent


def _receipts(claude: Fleet) -> int:
    """How many texts the agent has."""
    import sqlite3

    connection = sqlite3.connect(claude.state / "tmuxagents.db")
    receipts = "SELECT detail FROM journal WHERE kind = 'receipt' AND seq > ?"
    rows = connection.execute(receipts, (claude.since,)).fetchall()
    held = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
    connection.close()
    return len({json.loads(row[0])["digest"] for row in rows}) + int(held)
