"""Agents outlive whoever started them, and nothing of what they do is lost or doubled."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess

import psutil
import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


@either_version
def test_three_agents_outlive_the_shell_that_started_them(claude: Fleet, api: MessagesApi) -> None:
    tasks = ["tools: 3 held", "tools: 5 held", "slow: 60 walked away"]
    shell = _shell_without_a_terminal(claude, [["spawn", "--permission-mode", "bypassPermissions", t] for t in tasks])
    _asked(claude, api, 5)

    os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
    api.release()

    claude.ok("wait", "--timeout", "200")
    assert [a["turns"] for a in claude.agents()] == [1, 1, 1]
    assert _said(claude, "agent-1") == _tools(3)
    assert _said(claude, "agent-2") == _tools(5)
    assert _said(claude, "agent-3") == [("text", "walked away")]


@pytest.mark.soak
@either_version
def test_a_controller_that_is_killed_loses_and_doubles_nothing(claude: Fleet, api: MessagesApi) -> None:
    agent = claude.ok("spawn", "-q", "--permission-mode", "bypassPermissions", "tools: 4 held").out.strip()
    _asked(claude, api, 2)

    _kill_the_controller(claude)
    api.release()
    _asked(claude, api, 5)

    # Right without it; the server starts it again, or the next command that needs it.
    claude.wait_for(agent, lambda a: a["turns"] == 1)
    assert _said(claude, agent) == _tools(4)
    claude.ok("say", "--when-idle", agent, "tools: 2")
    claude.wait_for(agent, lambda a: a["turns"] == 2)
    assert _said(claude, agent) == _tools(4) + _tools(2)


@pytest.mark.soak
@either_version
def test_a_controller_killed_again_and_again_loses_and_doubles_nothing(claude: Fleet, api: MessagesApi) -> None:
    agent = claude.ok("spawn", "-q", "--permission-mode", "bypassPermissions", "tools: 8").out.strip()

    for seen in (1, 3, 5):
        _asked(claude, api, seen)
        _kill_the_controller(claude)
        claude.ok("controller", "start")

    claude.wait_for(agent, lambda a: a["turns"] == 1)
    assert _said(claude, agent) == _tools(8)


def _shell_without_a_terminal(claude: Fleet, commands: list[list[str]]) -> subprocess.Popen[bytes]:
    """A shell in a session of its own that stays behind its commands."""
    script = "; ".join([*(shlex.join(claude.argv(*command)) for command in commands), "sleep 1000"])
    return subprocess.Popen(
        ["/bin/sh", "-c", script],
        env=claude.env,
        cwd=claude.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill_the_controller(claude: Fleet) -> None:
    controller = eventually(lambda: _controller(claude))
    controller.kill()
    eventually(lambda: not controller.is_running() or controller.status() == psutil.STATUS_ZOMBIE)


def _controller(claude: Fleet) -> psutil.Process | None:
    """The controller, once it has written down who it is."""
    try:
        eventually((claude.state / "controller.pid").exists)
        found = psutil.Process(int((claude.state / "controller.pid").read_text()))
        return found if found.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _asked(claude: Fleet, api: MessagesApi, requests: int) -> None:
    """The model has been asked so often."""
    eventually(lambda: len(api.requests) >= requests, 40, lambda: str(claude.agents()))


def _tools(count: int) -> list[tuple[str, str]]:
    """What a turn of so many tool calls says, in order."""
    said = []
    for number in range(1, count + 1):
        said += [("text", "I will use Bash."), ("tool", f"Bash: echo tool {number}")]
    return [*said, ("text", f"{count} tools")]


def _said(claude: Fleet, agent: str) -> list[tuple[str, str]]:
    """Every text and tool line of an agent, in the journal's order."""
    return [(e["kind"], e["text"]) for e in claude.entries(agent, "--only", "text,tool")]
