"""After the tmux server has died, one command brings the same conversations back."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually, wait_ended
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


def _kill_server(fleet: Fleet) -> None:
    everything = fleet.processes()
    everything[0].kill()
    assert wait_ended(everything) == []


def _conversing(fleet: Fleet, count: int) -> dict[str, str]:
    """As many agents in conversation; their conversations by name."""
    for number in range(1, count + 1):
        fleet.ok("spawn", f"say: remember {number}", "--permission-mode", "default")
    eventually(lambda: [agent["turns"] for agent in fleet.agents()] == [1] * count)
    return {agent["name"]: agent["conversation"] for agent in fleet.agents()}


@pytest.mark.soak
@either_version
@pytest.mark.parametrize("count", [3, pytest.param(10, marks=pytest.mark.soak)])
def test_resume_all_brings_each_agent_back_with_its_own_conversation_once(
    claude: Fleet, api: MessagesApi, count: int
) -> None:
    conversations = _conversing(claude, count)
    team = list(conversations)
    _kill_server(claude)
    assert [agent["state"] for agent in claude.agents()] == ["lost"] * len(team)

    both = [
        subprocess.Popen(claude.argv("resume", "--all"), env=claude.env, cwd=claude.work, stdin=subprocess.DEVNULL)
        for _ in range(2)
    ]
    for process in both:
        process.wait(90)
    claude.ok("wait", *team, "--timeout", "200")

    assert {agent["name"]: agent["conversation"] for agent in claude.agents()} == conversations
    windows = claude.tmux("list-windows", "-a", "-F", "#{window_name}").split()
    assert sorted(windows) == sorted([*team, "controller"])
    for number, name in enumerate(sorted(team, key=lambda name: int(name[6:])), 1):
        claude.ok("say", name, "--wait", f"say: again {number}")
        assert [f"say: remember {number}", f"say: again {number}"] in [r.prompts for r in api.requests]


@either_version
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


@either_version
def test_stopping_and_resuming_goes_on_in_the_same_conversation(claude: Fleet, api: MessagesApi) -> None:
    claude.ok("spawn", "say: first", "--permission-mode", "default")
    before = claude.wait_for("agent-1", lambda a: a["turns"] == 1 and a["state"] == "idle")
    claude.ok("stop", "agent-1")
    assert claude.agent("agent-1")["exit_code"] == 0

    claude.ok("resume", "agent-1")
    claude.wait_state("agent-1", "idle")
    claude.ok("say", "agent-1", "--wait", "say: second")

    after = claude.agent("agent-1")
    assert (after["conversation"], after["generation"]) == (before["conversation"], 2)
    # Claude Code keeps the `/exit` that ended it, at times in one message with what is said next.
    assert any(r.prompts[0] == "say: first" and r.prompts[-1].endswith("say: second") for r in api.requests)
