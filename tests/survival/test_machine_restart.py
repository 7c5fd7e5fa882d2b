"""What a restart of the machine leaves behind: a database, a note about a server that is no more, and
pids that are other people's now."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.services.controller.test_controller import controller
from tests.support.fleet import Fleet, eventually, wait_ended

FAST = ["--", "--speed", "0"]

BOOT = Path("/proc/sys/kernel/random/boot_id")

linux = pytest.mark.skipif(not BOOT.exists(), reason="the kernel tells no boot id here")


def crash(fleet: Fleet) -> None:
    """Nothing runs any more, and the socket is gone."""
    everything = fleet.processes()
    for process in everything:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    assert wait_ended(everything) == []
    Path(fleet.socket()).unlink(missing_ok=True)


@contextlib.contextmanager
def bystander(folder: Path) -> Iterator[psutil.Process]:
    """A process of somebody else that is called tmux. SIGUSR1 would end it."""
    program = folder / "tmux"
    shutil.copy(shutil.which("sleep") or "", program)
    started = subprocess.Popen([program, "1000"])
    process = psutil.Process(started.pid)
    try:
        eventually(lambda: process.name() == "tmux")
        yield process
    finally:
        started.kill()
        started.wait()


def ticks(pid: int) -> int:
    """When the kernel started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_the_agents_are_lost_and_one_command_brings_the_same_conversations_back(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--count", "2", "say: before", *FAST)
    fleet.ok("spawn", "--kind", "command", "--name", "sleeper", "--", "sleep", "1000")
    for name in ("agent-1", "agent-2"):
        fleet.wait_for(name, lambda agent: agent["turns"] == 1)
    conversations = {agent["name"]: agent["conversation"] for agent in fleet.agents()}

    crash(fleet)
    with bystander(fleet.root) as other:
        (fleet.state / "server").write_text(f"{other.pid}.{int(other.create_time()) - 86400}\nanother-boot.77\n")

        assert {agent["state"] for agent in fleet.agents()} == {"lost"}
        fleet.ok("resume", "--all")

        for name in ("agent-1", "agent-2"):
            fleet.wait_state(name, "idle")
        fleet.wait_state("sleeper", "working")
        assert runs(other)
    assert {agent["name"]: agent["conversation"] for agent in fleet.agents()} == conversations
    assert {agent["generation"] for agent in fleet.agents()} == {2}
    assert fleet.ok("say", "agent-1", "--wait", "say: after").out == "after\n"
    assert [entry["text"] for entry in fleet.entries("agent-1", "--only", "text")] == ["before", "after"]


@linux
@pytest.mark.parametrize("changed", ["boot", "start"])
def test_a_process_with_the_pid_of_the_server_is_not_signalled(fleet: Fleet, changed: str) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    crash(fleet)

    with bystander(fleet.root) as other:
        boot = "00000000-0000-0000-0000-000000000000" if changed == "boot" else BOOT.read_text().strip()
        start = ticks(other.pid) - (1 if changed == "start" else 0)
        (fleet.state / "server").write_text(f"{other.pid}.{int(other.create_time())}\n{boot}.{start}\n")

        assert fleet.agent("agent-1")["state"] == "lost"
        assert runs(other)


@linux
def test_a_server_is_found_again_after_the_clock_was_set(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    note = fleet.state / "server"
    told, _, rest = note.read_text().partition("\n")
    pid, _, started = told.partition(".")

    # What tmux told on the clock of that day.
    note.write_text(f"{pid}.{int(started) - 7200}\n{rest}")
    Path(fleet.socket()).unlink()

    assert fleet.agent("agent-1")["state"] == "idle"


def test_a_note_of_an_older_version_is_understood(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    note = fleet.state / "server"

    note.write_text(note.read_text().partition("\n")[0])
    Path(fleet.socket()).unlink()

    assert fleet.agent("agent-1")["state"] == "idle"


@pytest.mark.parametrize("text", ["", "\n", "x", "1", "1.", "1.2", "1.2\n", "1.2\n\n", "-1.5\nx.y\n", "4194305.1\nx.1"])
def test_a_note_that_says_nothing_is_no_server(fleet: Fleet, text: str) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000")
    crash(fleet)
    (fleet.state / "server").write_text(text)

    assert fleet.agent("agent-1")["state"] == "lost"


def test_a_request_to_stop_that_nobody_heard_does_not_stop_the_next_controller(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    before = str(controller(fleet).pid)
    crash(fleet)
    (fleet.state / "controller.stop").write_text("4242")
    fleet.agents()

    fleet.ok("resume", "--all")

    fleet.wait_state("agent-1", "idle")
    path = fleet.state / "controller.pid"
    pid = eventually(lambda: (now := path.read_text()) != before and now)
    eventually(lambda: "controller.stop" not in {path.name for path in fleet.state.iterdir()})
    fleet.ok("say", "agent-1", "--wait", "say: x")
    assert fleet("controller", "status").code == 0
    assert (fleet.state / "controller.pid").read_text() == pid
