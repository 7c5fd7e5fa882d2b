"""Nothing that a person or the program does in the window loses the conversation."""

from __future__ import annotations

import time

import pytest

from tests.support.fleet import Fleet, eventually

pytestmark = pytest.mark.claude


def _turn(fleet: Fleet, name: str, turns: int) -> None:
    fleet.wait_for(name, lambda a: a["state"] == "idle" and a["turns"] >= turns)


def test_left_in_the_empty_box_leaves_the_conversation_where_it_is(claude: Fleet) -> None:
    claude.ok("spawn", "say: one", "--permission-mode", "default")
    _turn(claude, "agent-1", 1)
    conversation = claude.agent("agent-1")["conversation"]

    for _ in range(3):
        claude.tmux("send-keys", "-t", claude.pane("agent-1"), "Left")
        # Where Left opens the list of sessions it says so within this time; nothing tells that it does not.
        time.sleep(0.3)

    assert "new session" not in claude.screen("agent-1")
    claude.ok("say", "agent-1", "say: two", "--wait")
    assert claude.agent("agent-1")["conversation"] == conversation
    claude.ok("stop", "agent-1")
    claude.ok("resume", "agent-1")
    eventually(lambda: "say: two" in claude.screen("agent-1"))
