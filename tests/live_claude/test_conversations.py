"""Nothing that a person or the program does in the window loses the conversation."""

from __future__ import annotations

import time

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually

pytestmark = pytest.mark.claude


def _turn(fleet: Fleet, name: str, turns: int) -> None:
    fleet.wait_for(name, lambda a: a["state"] == "idle" and a["turns"] >= turns)


@pytest.mark.soak
@either_version
def test_left_in_the_empty_box_leaves_the_conversation_where_it_is(claude: Fleet) -> None:
    claude.ok("spawn", "say: one", "--permission-mode", "default")
    _turn(claude, "agent-1", 1)
    conversation = claude.agent("agent-1")["conversation"]

    for _ in range(3):
        claude.tmux("send-keys", "-t", claude.pane("agent-1"), "Left")
        # Where Left opens the list of sessions it says so within this time; nothing tells that it does not.
        time.sleep(0.3)

    assert "new session" not in claude.screen("agent-1")
    claude.ok("say", "--wait", "agent-1", "say: two")
    assert claude.agent("agent-1")["conversation"] == conversation
    claude.ok("stop", "agent-1")
    claude.ok("resume", "agent-1")
    eventually(lambda: "say: two" in claude.screen("agent-1"))


def _texts(fleet: Fleet, name: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries(name) if entry["kind"] == "text"]


def _notes(fleet: Fleet, name: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries(name) if entry["kind"] == "note"]


def _told(fleet: Fleet, name: str, words: str) -> bool:
    return any(words in note for note in _notes(fleet, name))


def _two_in_conversation(fleet: Fleet) -> tuple[str, str]:
    for name in ("api", "docs"):
        fleet.ok("spawn", f"say: old of {name}", "--name", name, "--permission-mode", "default")
    for name in ("api", "docs"):
        _turn(fleet, name, 1)
        fleet.wait_for(name, lambda a: a["usage"]["cost_usd"] is not None)
    return fleet.agent("api")["conversation"], fleet.agent("docs")["conversation"]


def _goes_on_with(fleet: Fleet, name: str, other: str) -> None:
    """Have it resume the other conversation. Where its menu is late the command is refused, and said again."""
    said = fleet("say", name, f"/resume {other}")
    while said.code == 3:
        said = fleet("say", name, f"/resume {other}")
    eventually(lambda: fleet.agent(name)["conversation"] == other, explain=lambda: f"{said}\n{_notes(fleet, name)}")
    # What it goes on with is the evidence: of the command itself nothing is told.
    assert f"it continues conversation {other} (resume)" in said.out


@pytest.mark.soak
@either_version
def test_another_conversation_that_is_gone_on_with_is_neither_told_nor_counted_again(claude: Fleet) -> None:
    _, other = _two_in_conversation(claude)
    before = claude.agent("api")["usage"]

    _goes_on_with(claude, "api", other)
    eventually(lambda: _told(claude, "api", f"it continues conversation {other} (resume)"))
    claude.ok("say", "--wait", "api", "say: new of api")

    assert _texts(claude, "api") == ["old of api", "new of api"]
    assert claude.agent("api")["conversation"] == other
    after = claude.agent("api")["usage"]
    assert after["output_tokens"] == 2 * before["output_tokens"]
    assert after["cost_usd"] < 2.5 * before["cost_usd"]
    # Both are in it now.
    assert sum("docs goes on with the same conversation" in note for note in _notes(claude, "api")) == 1


@pytest.mark.soak
@either_version
def test_of_two_in_one_conversation_only_one_is_resumed(claude: Fleet) -> None:
    _, other = _two_in_conversation(claude)
    _goes_on_with(claude, "api", other)
    claude.wait_for("api", lambda a: a["conversation"] == other)
    claude.ok("stop", "api", "docs")
    claude.ok("resume", "docs")

    refused = claude("resume", "api")

    assert refused.code == 3
    assert "docs goes on with its conversation" in refused.err
    assert "hint:" in refused.err


@pytest.mark.soak
@either_version
def test_a_conversation_without_a_transcript_replaces_none_and_the_last_that_exists_is_resumed(claude: Fleet) -> None:
    claude.ok("spawn", "say: one", "--permission-mode", "default")
    _turn(claude, "agent-1", 1)
    first = claude.agent("agent-1")["conversation"]
    claude.ok("say", "agent-1", "/clear")
    second = claude.wait_for("agent-1", lambda a: a["conversation"] != first)["conversation"]
    claude.ok("stop", "agent-1")
    for path in (claude.home / ".claude/projects").glob(f"*/{second}.jsonl"):
        path.unlink()

    claude.ok("resume", "agent-1")

    assert claude.wait_state("agent-1", "idle")["conversation"] == first
    assert _told(claude, "agent-1", f"resumed in conversation {first}, the last that exists: {second} is gone")
    eventually(lambda: "say: one" in claude.screen("agent-1"))


@pytest.mark.soak
def test_a_branch_is_the_agents_conversation_from_then_on(claude: Fleet) -> None:
    claude.ok("spawn", "say: one", "--permission-mode", "default")
    _turn(claude, "agent-1", 1)
    first = claude.agent("agent-1")["conversation"]

    claude.ok("say", "--wait", "agent-1", "say: two")
    claude.ok("say", "agent-1", "/branch")
    branch = claude.wait_for("agent-1", lambda a: a["conversation"] != first)["conversation"]
    (report,) = (claude.home / ".claude/sessions").glob("*.json")
    eventually(lambda: f'"sessionId":"{branch}"' in report.read_text())
    # What a report names is believed after a second; nothing tells that it will not be.
    time.sleep(1.2)

    assert (
        claude.ok("say", "--wait", "--timeout", "20s", "agent-1", "say: on the branch").out.strip() == "on the branch"
    )
    assert claude.agent("agent-1")["conversation"] == branch
    assert "say: on the branch" in [e["text"] for e in claude.entries("agent-1") if e["kind"] == "prompt"]
    claude.ok("stop", "agent-1")
    assert branch in claude.ok("resume", "agent-1").out
