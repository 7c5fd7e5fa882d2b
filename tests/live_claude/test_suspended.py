"""A `claude` that is suspended: nothing piles up in its terminal, and what is held arrives alone when it goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import either_version
from tests.live_claude.test_delivery import _idle
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi
from tmuxagents.drivers import tty

pytestmark = pytest.mark.claude


@contextmanager
def _suspended(fleet: Fleet, name: str, *, seen: bool = True, read: bool = False) -> Iterator[int]:
    """While its program is suspended; unless that is to be `seen`, nobody can know whose pid to look at.
    With `read`, when it has read all that was in its terminal."""
    recorded = fleet.state / "agents" / fleet.agent(name)["id"] / "pid.1"
    pid = int(recorded.read_text())
    if not seen:
        recorded.unlink()
    os.kill(pid, signal.SIGSTOP)
    if read:
        eventually(lambda: _has_read(fleet, name, pid))
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGCONT)


def _has_read(fleet: Fleet, name: str, pid: int) -> bool:
    """Whether nothing waits in the terminal of a suspended program; else it goes on for a moment. tmux answers
    there what a starting program asks its terminal, and until it has answered a command it may be about to."""
    terminal = fleet.tmux("display-message", "-p", "-t", fleet.pane(name), "#{pane_tty}").strip()
    if not tty.has_unread(terminal):
        return True
    os.kill(pid, signal.SIGCONT)
    eventually(lambda: not tty.has_unread(terminal))
    os.kill(pid, signal.SIGSTOP)
    return False


@either_version
def test_while_it_is_suspended_nothing_is_typed_and_what_is_held_arrives_alone(claude: Fleet, api: MessagesApi) -> None:
    name = _idle(claude)
    with _suspended(claude, name) as pid:
        claude.ok("say", name, "--when-idle", "HELD")
        for text in ("x", "/cost"):
            ran = claude("say", name, text)
            assert (ran.code, ran.out.startswith(f"refused: {name} (its program ({pid}) is suspended")) == (3, True)
            assert f"kill -CONT {pid}" in ran.err

    claude.wait_for(name, lambda agent: agent["turns"] == 1)
    assert api.prompts[-1] == "HELD"
    assert [entry["text"] for entry in claude.entries(name, "--only", "note")] == []


@pytest.mark.soak
@either_version
def test_what_piled_up_in_its_terminal_unseen_is_deleted_before_what_is_held(claude: Fleet, api: MessagesApi) -> None:
    name = _idle(claude)
    eventually(lambda: "❯\u00a0" in claude.screen(name))
    with _suspended(claude, name, seen=False, read=True):
        said = claude("say", name, "/cost")
        claude.ok("say", name, "--when-idle", "HELD")
        shown = claude.screen(name)

    assert said.out.startswith(f"unconfirmed: {name} (its program does not read its terminal")
    assert "/cost" not in shown
    claude.wait_for(name, lambda agent: agent["turns"] == 1)
    assert api.prompts[-1] == "HELD"
    cleared = [entry["detail"].get("draft") for entry in claude.entries(name, "--only", "note")]
    # The held text may be pasted between the reading and the drawing of the first: both are deleted then.
    assert all(draft.startswith("/cost") for draft in cleared if draft)
    assert any(cleared)


@pytest.mark.soak
@either_version
def test_suspended_at_its_own_keyboard_it_is_named_as_that_although_the_kernel_calls_it_running(
    claude: Fleet, api: MessagesApi
) -> None:
    claude.ok("spawn", "--name", "zed", "say: hello")
    claude.wait_for("zed", lambda agent: agent["turns"] == 1)
    claude.tmux("send-keys", "-t", claude.pane("zed"), "C-z")
    eventually(lambda: "suspended. Run `fg`" in claude.screen("zed"), explain=lambda: claude.screen("zed"))

    ran = claude("say", "zed", "hello")

    assert ran.code == 3
    assert "is suspended" in ran.out + ran.err
    hint = next(line for line in ran.err.splitlines() if line.startswith("hint: kill -CONT "))
    os.kill(int(hint.split()[-1]), signal.SIGCONT)
    eventually(lambda: claude("say", "zed", "say: back").code == 0, explain=lambda: claude.screen("zed"))
    claude.wait_for("zed", lambda agent: agent["turns"] == 2)
    assert [request.prompt for request in api.requests if "hello" in request.prompt] == ["say: hello"]
