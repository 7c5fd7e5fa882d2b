"""One agent is stuck, in each way that can be thought of: the others' states and messages are on time."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.services.controller.test_controller import controller
from tests.support.fleet import Fleet, eventually, named
from tests.support.matrix import every

AT_SPEED = ["--", "--speed", "1"]
ON_TIME_S = 1.0
SOAK_S = float(os.environ.get("TMUXAGENTS_TEST_SOAK_S", "300"))
_PROGRAMS = 3
"""Ways to be stuck that need a program of their own."""
STUCK = "agent-1"

Way = Callable[[Fleet, ExitStack, str], None]


def state_of(fleet: Fleet, name: str) -> str:
    """As the controller has recorded it: who asks `ls` might read on."""
    with closing(sqlite3.connect(fleet.state / "tmuxagents.db")) as db:
        return str(db.execute("SELECT state FROM agents WHERE name = ?", (name,)).fetchone()[0])


def recorded(fleet: Fleet, kind: str, text: str) -> bool:
    """Whether the journal has that entry."""
    with closing(sqlite3.connect(fleet.state / "tmuxagents.db")) as db:
        return db.execute("SELECT 1 FROM journal WHERE kind = ? AND text = ?", (kind, text)).fetchone() is not None


def folder(fleet: Fleet, name: str) -> Path:
    """The agent's own folder."""
    return fleet.state / "agents" / str(fleet.agent(name)["id"])


@contextmanager
def suspended(process: psutil.Process) -> Iterator[None]:
    """Stopped, as Ctrl-Z does it, and let go on in the end."""
    process.suspend()
    try:
        yield
    finally:
        if process.is_running():
            process.resume()


def a_say_in_a_suspended_shell(fleet: Fleet, stack: ExitStack, name: str) -> None:
    fleet.ok("say", "--wait", name, "swallow: 100")
    say = fleet.start("say", name, "never taken")
    stack.callback(say.communicate)
    stack.callback(say.kill)
    eventually(lambda: "never taken" in fleet.screen(name))
    stack.enter_context(suspended(psutil.Process(say.pid)))
    fleet.ok("say", name, "--when-idle", "held behind it")


def a_suspended_program(fleet: Fleet, stack: ExitStack, name: str) -> None:
    pid = int((folder(fleet, name) / "pid.1").read_text())
    stack.enter_context(suspended(psutil.Process(pid)))
    fleet.ok("say", name, "--when-idle", "say: when you can")


def a_screen_without_an_input_box(fleet: Fleet, stack: ExitStack, name: str) -> None:
    # What the program does not draw again until a key comes.
    terminal = fleet.tmux("display-message", "-p", "-t", fleet.pane(name), "#{pane_tty}").strip()
    Path(terminal).write_text("\x1b[2J\x1b[Hits transcript")
    eventually(lambda: "❯" not in fleet.screen(name))
    fleet.ok("say", name, "--when-idle", "say: held")


def a_program_that_does_not_end_when_its_time_is_up(fleet: Fleet, stack: ExitStack, name: str) -> None:
    deaf = 'trap "" TERM HUP INT; while :; do sleep 1 & wait; done'
    fleet.ok("spawn", "--kind", "command", "--name", f"{name}-program", "--timeout", "0.1", "--", "sh", "-c", deaf)
    # It is told when it is stopped, four seconds before it is killed.
    eventually(lambda: recorded(fleet, "error", "stopped: its timeout of 0.1 s has passed"))


def a_source_that_cannot_be_read(fleet: Fleet, stack: ExitStack, name: str) -> None:
    fleet.ok("say", name, "think: 1000")
    spool = folder(fleet, name) / "spool"
    spool.rmdir()
    spool.touch()
    (folder(fleet, name) / "wake").touch()


def fifos_in_the_place_of_its_files(fleet: Fleet, stack: ExitStack, name: str) -> None:
    fleet.ok("say", name, "think: 1000")
    for file in ("events.jsonl", "pid.1", "pane.1.raw", "exit.1.json", "spool/1.1.Stop.1.json"):
        (folder(fleet, name) / file).unlink(missing_ok=True)
        os.mkfifo(folder(fleet, name) / file)


def a_flood_into_a_terminal_that_nobody_reads(fleet: Fleet, stack: ExitStack, name: str) -> None:
    fleet.ok(
        "spawn",
        "--kind",
        "command",
        "--name",
        f"{name}-program",
        "--",
        "sh",
        "-c",
        "while :; do seq 200; sleep 0.05; done",
    )
    ours, theirs = pty.openpty()
    stack.callback(os.close, ours)
    window = fleet.tmux("display-message", "-p", "-t", fleet.pane(f"{name}-program"), "#{window_id}").strip()
    argv = ["tmux", "-u", "-N", "-S", fleet.socket(), "attach", "-t", window]
    env = {**fleet.env, "TERM": "xterm-256color"}
    client = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    stack.callback(client.wait)
    stack.callback(client.kill)
    eventually(lambda: window in fleet.tmux("list-clients", "-F", "#{window_id}"))


def a_capture_that_is_suspended(fleet: Fleet, stack: ExitStack, name: str) -> None:
    fleet.ok(
        "spawn", "--kind", "command", "--name", f"{name}-program", "--", "sh", "-c", "sleep 1; seq 100000; sleep 1000"
    )
    cat = named("cat", fleet.processes()[0].children())[0]
    stack.enter_context(suspended(cat))


def a_dialog_that_nobody_answers(fleet: Fleet, stack: ExitStack, name: str) -> None:
    fleet.ok("say", name, "permission: Write f")
    fleet.ok("say", name, "--when-idle", "say: later")


WAYS: list[Way] = [
    a_say_in_a_suspended_shell,
    a_suspended_program,
    a_screen_without_an_input_box,
    a_program_that_does_not_end_when_its_time_is_up,
    a_source_that_cannot_be_read,
    fifos_in_the_place_of_its_files,
    a_flood_into_a_terminal_that_nobody_reads,
    a_capture_that_is_suspended,
    a_dialog_that_nobody_answers,
]


@pytest.mark.parametrize("stick", every(4, WAYS), ids=lambda way: way.__name__)
def test_the_others_are_on_time_while_one_is_stuck_by(fleet: Fleet, stick: Way) -> None:
    fleet.ok("spawn", "--kind", "demo", "--count", "3", *AT_SPEED)
    others = Others(fleet, shows="agent-2", takes="agent-3")
    fleet.ok("wait")
    usual = others.lateness("before")
    before = controller(fleet).pid
    with ExitStack() as stack:
        stick(fleet, stack, STUCK)

        late = [others.lateness("first"), others.lateness("second")]

    assert max(late) < usual + ON_TIME_S
    assert controller(fleet).pid == before


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_twenty_agents_nine_of_them_stuck_for_five_minutes(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--count", str(20 - _PROGRAMS), *AT_SPEED)
    pairs = [Others(fleet, shows=f"agent-{number}", takes=f"agent-{number + 1}") for number in (10, 12, 14)]
    fleet.ok("wait")
    usual = pairs[0].lateness("before")
    before = controller(fleet).pid
    late: list[float] = []
    with ExitStack() as stack:
        for number, stick in enumerate(WAYS, 1):
            stick(fleet, stack, f"agent-{number}")
        end = time.monotonic() + SOAK_S
        while time.monotonic() < end:
            late += [pair.lateness(f"round-{len(late)}") for pair in pairs]

    print(f"{len(late)} rounds, at most {max(late):.2f} s late, {usual:.2f} s before")
    assert max(late) < usual + ON_TIME_S
    assert controller(fleet).pid == before


class Others:
    """Two of the others: one that shows a dialog, one that takes a held message."""

    def __init__(self, fleet: Fleet, *, shows: str, takes: str) -> None:
        self.fleet, self.shows, self.takes = fleet, shows, takes
        self.pane = fleet.pane(shows)

    def lateness(self, word: str) -> float:
        """How late the dialog and the message are seen, by the controller alone."""
        fleet = self.fleet
        asked = fleet.start("say", self.shows, f"think: 1\npermission: Write {word}")
        held = fleet.start("say", self.takes, "--when-idle", f"say: {word}")
        assert [(one.wait(30), one.communicate()[1]) for one in (asked, held)] == [(0, ""), (0, "")]
        held_at = time.monotonic()
        shown: float = eventually(lambda: time.monotonic() if self._asks(word) else None)
        eventually(lambda: state_of(fleet, self.shows) == "waiting")
        seen = time.monotonic()
        eventually(lambda: recorded(fleet, "text", word))
        taken = time.monotonic()
        fleet.tmux("send-keys", "-t", self.pane, "1")
        eventually(lambda: state_of(fleet, self.shows) == "idle")
        return max(seen - shown, taken - max(seen, held_at))

    def _asks(self, word: str) -> bool:
        screen = self.fleet.tmux("capture-pane", "-p", "-t", self.pane)
        return f"Write {word}" in screen and "1. Yes" in screen


@pytest.mark.parametrize("verb", [["say", "agent-1", "behind it"], ["interrupt", "agent-1"]], ids=["say", "interrupt"])
def test_who_waits_for_a_command_that_is_suspended_says_so_and_does_not_wait(fleet: Fleet, verb: list[str]) -> None:
    fleet.ok("spawn", "--kind", "demo", "--", "--speed", "1")
    fleet.wait_state("agent-1", "idle")
    with ExitStack() as stack:
        a_say_in_a_suspended_shell(fleet, stack, "agent-1")
        [pid] = re.findall(rb"\d+", (folder(fleet, "agent-1") / "say.lock").read_bytes())

        ran = fleet(*verb)

    assert ran.code == 3
    assert f"a command that is talking to {'it' if verb[0] == 'say' else 'agent-1'} is suspended" in ran.out + ran.err
    assert ran.err.endswith(f"hint: kill -CONT {pid.decode()}\n")
