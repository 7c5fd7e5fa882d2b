"""After the tmux server has died, one command brings the same conversations back."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude

TEAM = ("agent-1", "agent-2", "agent-3")


def _kill_server(fleet: Fleet) -> None:
    pid = int(fleet.tmux("display-message", "-p", "#{pid}"))
    os.kill(pid, signal.SIGKILL)


def _conversing(fleet: Fleet) -> dict[str, str]:
    for number, _ in enumerate(TEAM, 1):
        fleet.ok("spawn", f"say: remember {number}", "--permission-mode", "default")
    fleet.ok("wait", *TEAM, "--timeout", "60")
    for name in TEAM:
        fleet.wait_for(name, lambda a: a["turns"] == 1)
    return {name: fleet.agent(name)["conversation"] for name in TEAM}


def test_resume_all_brings_each_agent_back_with_its_own_conversation_once(claude: Fleet, api: MessagesApi) -> None:
    conversations = _conversing(claude)
    _kill_server(claude)
    for name in TEAM:
        claude.wait_state(name, "lost")

    both = [
        subprocess.Popen(claude.argv("resume", "--all"), env=claude.env, cwd=claude.work, stdin=subprocess.DEVNULL)
        for _ in range(2)
    ]
    for process in both:
        process.wait(60)
    claude.ok("wait", *TEAM, "--timeout", "60")

    assert {name: claude.agent(name)["conversation"] for name in TEAM} == conversations
    assert sorted(claude.tmux("list-windows", "-a", "-F", "#{window_name}").split()) == [*TEAM, "controller"]
    for number, name in enumerate(TEAM, 1):
        claude.ok("say", name, f"say: again {number}", "--wait")
        assert [f"say: remember {number}", f"say: again {number}"] in [r.prompts for r in api.requests]


def test_a_conversation_that_is_gone_is_said_and_the_record_kept(claude: Fleet) -> None:
    claude.ok("spawn", "say: first", "--permission-mode", "default")
    claude.wait_for("agent-1", lambda a: a["turns"] == 1 and a["state"] == "idle")
    claude.ok("stop", "agent-1")
    transcripts = list((claude.home / ".claude/projects").glob("*/*.jsonl"))
    for path in transcripts:
        path.unlink()

    ran = claude("resume", "agent-1")

    assert transcripts
    assert ran.code == 1
    assert "its conversation is gone" in ran.err
    assert claude.agent("agent-1")["state"] == "ended"
    assert "first" in claude.ok("search", "first").out


def test_stopping_and_resuming_goes_on_in_the_same_conversation(claude: Fleet, api: MessagesApi) -> None:
    claude.ok("spawn", "say: first", "--permission-mode", "default")
    before = claude.wait_for("agent-1", lambda a: a["turns"] == 1 and a["state"] == "idle")
    claude.ok("stop", "agent-1")
    assert claude.agent("agent-1")["exit_code"] == 0

    claude.ok("resume", "agent-1")
    claude.wait_state("agent-1", "idle")
    claude.ok("say", "agent-1", "say: second", "--wait")

    after = claude.agent("agent-1")
    assert (after["conversation"], after["generation"]) == (before["conversation"], 2)
    # Claude Code keeps the `/exit` that ended it in the conversation, in a wrapper of its own.
    said = [[text for text in r.prompts if "<command-name>/exit" not in text] for r in api.requests]
    assert ["say: first", "say: second"] in said
