"""A person goes in and out of the real tmux, also from within a tmux of their own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, eventually, person, terminal


class Outer:
    """The user's own tmux server, with one window in which `tmuxagents attach` is typed."""

    def __init__(self, fleet: Fleet, socket: Path) -> None:
        self.fleet, self.socket = fleet, socket
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "mine", "-x", "100", "-y", "30", "sh")
        # A tmux inside needs a terminal that is looked at: its own client.
        self.type(shlex.join(fleet.argv("attach", "agent-1")))

    def tmux(self, *argv: str) -> str:
        env = {**self.fleet.env, "TERM": "xterm-256color"}
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self.socket), *argv], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def type(self, words: str) -> None:
        self.tmux("send-keys", "-t", "mine", "-l", words)
        self.keys("Enter")

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "mine", *keys)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "mine")


@pytest.fixture
def outer(fleet: Fleet, tmp_path: Path) -> Iterator[Outer]:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    made = Outer(fleet, tmp_path / "outer")
    try:
        eventually(lambda: clients(fleet))
        yield made
    finally:
        made.tmux("kill-server")


def clients(fleet: Fleet) -> list[str]:
    return fleet.tmux("list-clients", "-F", "#{client_session}").split()


def test_inside_another_tmux_a_prefix_of_its_own_leaves_the_inner_one_only(outer: Outer) -> None:
    eventually(lambda: "leave: C-] d" in outer.screen())

    outer.keys("C-]", "d")

    eventually(lambda: not clients(outer.fleet))
    eventually(lambda: "the agents go on; come back with: tmuxagents attach" in outer.screen())
    assert outer.tmux("list-sessions", "-F", "#{session_name}").split() == ["mine"]
    assert outer.fleet.agent("agent-1")["state"] != "lost"


def test_a_client_that_is_slow_to_detach_takes_no_agent_with_it(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    server = fleet.tmux("display-message", "-p", "#{pid}")
    with terminal(fleet.argv("attach", "agent-1"), {**fleet.env, "TERM": "xterm-256color"}):
        eventually(lambda: clients(fleet))
        client = int(fleet.tmux("list-clients", "-F", "#{client_pid}"))
        os.kill(client, signal.SIGSTOP)
        try:
            fleet.tmux("detach-client", "-s", clients(fleet)[0])
            for _ in range(5):
                fleet.tmux("list-clients")
        finally:
            os.kill(client, signal.SIGCONT)
        eventually(lambda: not clients(fleet))

        assert fleet.tmux("display-message", "-p", "#{pid}") == server
        assert fleet.agent("agent-1")["state"] != "lost"
        # Its view goes with it.
        eventually(lambda: len(fleet.tmux("list-sessions").splitlines()) == 1)


def test_the_usual_prefix_that_is_passed_on_leaves_it_too(outer: Outer) -> None:
    outer.keys("C-b", "d")

    eventually(lambda: not clients(outer.fleet))


def test_the_key_that_goes_to_who_needs_you_works_inside(outer: Outer) -> None:
    fleet = outer.fleet
    fleet.ok("spawn", "--kind", "demo", "--name", "needy", "permission: Write a", "--", "--speed", "0")
    fleet.wait_state("needy", "waiting")
    window = fleet.tmux("display-message", "-p", "-t", fleet.pane("needy"), "#{window_id}").strip()

    outer.keys("C-]", "n")

    eventually(lambda: window in fleet.tmux("list-clients", "-F", "#{window_id}"))


def test_the_other_view_of_somebody_who_is_not_nested_keeps_its_prefix(outer: Outer) -> None:
    with person(outer.fleet, "agent-1") as keyboard:
        eventually(lambda: b"leave: C-b d" in keyboard.drawn)


def test_who_needs_you_is_never_cut_off_the_status_line(fleet: Fleet) -> None:
    for number in range(12):
        fleet.ok("spawn", "--kind", "command", "--name", f"a-very-long-name-{number}", "--", "sleep", "1000")
    fleet.ok("spawn", "--kind", "demo", "--name", "needy", "permission: Write a", "--", "--speed", "0")
    fleet.wait_state("needy", "waiting")

    for columns in (80, 20):
        with person(fleet, "a-very-long-name-0", columns=columns) as keyboard:
            eventually(lambda drawn=keyboard.drawn: b"needs you: needy" in drawn)  # type: ignore[misc]
    fleet.ok("approve", "needy")
    eventually(lambda: "needs you" not in fleet.tmux("show-options", "-gqv", "@tmuxagents_needy"))


def test_a_window_that_a_person_opens_is_named_as_theirs(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000")

    with person(fleet, "agent-1") as keyboard:
        fleet.tmux("new-window", "-d", "-n", "mine", "sleep 1000")

        # Eighty columns may have no room for its last letters.
        eventually(lambda: b"mine (your" in keyboard.drawn, explain=lambda: str(keyboard.drawn[-3000:]))
    assert [agent["name"] for agent in fleet.agents()] == ["agent-1"]


@pytest.mark.parametrize(("wanted", "setting"), [("true", "on"), ("false", "off")])
def test_copying_reaches_the_clipboard_only_when_asked_for(
    fleet: Fleet, tmp_path: Path, wanted: str, setting: str
) -> None:
    (fleet.home / "config.toml").write_text(f"clipboard = {wanted}\n")
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    made = Outer(fleet, tmp_path / "outer")
    try:
        eventually(lambda: clients(fleet))

        assert fleet.tmux("show-options", "-sv", "set-clipboard").strip() == setting
    finally:
        made.tmux("kill-server")


def test_a_view_goes_with_its_terminal_also_when_another_controller_began_meanwhile(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    with terminal(fleet.argv("attach", "agent-1"), {**fleet.env, "TERM": "xterm-256color"}):
        eventually(lambda: clients(fleet))
        fleet.ok("controller", "stop")
        fleet.ok("controller", "start")
        fleet.tmux("detach-client", "-s", clients(fleet)[0])

        eventually(lambda: len(fleet.tmux("list-sessions").splitlines()) == 1)


def test_a_terminal_that_the_machine_does_not_know_is_taken_for_a_common_one(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")

    with terminal(fleet.argv("attach", "agent-1"), {**fleet.env, "TERM": "xterm-nosuch"}) as (_, drawn):
        eventually(lambda: clients(fleet))

    assert b"does not know the terminal 'xterm-nosuch'; taken for xterm-256color" in bytes(drawn)


def test_on_a_terminal_that_can_draw_no_screen_it_is_refused(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")

    with terminal(fleet.argv("attach", "agent-1"), {**fleet.env, "TERM": "dumb"}) as (_, drawn):
        eventually(lambda: b"hint: export TERM=xterm-256color" in bytes(drawn))

    assert b"tmux cannot draw on a terminal of the kind 'dumb'" in bytes(drawn)


@pytest.mark.parametrize(
    "words", [["ls"], ["say", "agent-1", "say: x"], ["spawn", "--kind", "demo"], ["stop", "agent-1"]]
)
def test_only_attach_needs_a_terminal_that_the_machine_knows(fleet: Fleet, words: list[str]) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)

    ended = fleet.root / "ended"
    script = '"$@"; echo "code $?" > ' + shlex.quote(str(ended))
    argv = ["sh", "-c", script, "sh", *fleet.argv(*words)]
    with terminal(argv, {**fleet.env, "TERM": "xterm-nosuch"}) as (_, drawn):
        code = eventually(lambda: ended.exists() and ended.read_text())

    assert (code, b"refused" in bytes(drawn)) == ("code 0\n", False)
