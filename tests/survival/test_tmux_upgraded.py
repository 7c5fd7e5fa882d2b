"""tmux is upgraded, replaced or wedged under a running server: said clearly, and nobody is called lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, asked, eventually, wait_ended
from tests.survival.test_machine_restart import crash
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.services.app import open_app
from tmuxagents.services.fleet import attach
from tmuxagents.services.fleet import now as teams

FAST = ["--", "--speed", "0"]

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process runs from")

VERSION = struct.pack("=IHHII", 12, 16, 0, 7, 0)
"""What a server of protocol 7 answers to a client of another one: the header of a MSG_VERSION."""


@contextlib.contextmanager
def peer(path: Path, reply: bytes | None) -> Iterator[None]:
    """Something that listens where the server did. It answers every client with `reply` and hangs up;
    None accepts and never answers."""
    path.unlink(missing_ok=True)
    ours = socket.socket(socket.AF_UNIX)
    ours.bind(str(path))
    path.chmod(0o700)
    ours.listen(100)
    clients: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = ours.accept()
                clients.append(client)
                if reply is not None:
                    # Who only wanted to know who listens has gone already.
                    with contextlib.suppress(BrokenPipeError), client:
                        client.recv(65536)
                        client.sendall(reply)

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield
    finally:
        ours.shutdown(socket.SHUT_RDWR)
        server.join(timeout=5)
        for one in (ours, *clients):
            one.close()
        path.unlink(missing_ok=True)


def crashed(fleet: Fleet) -> Path:
    """The socket of a server that held an idle agent and has crashed."""
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    path = Path(fleet.socket())
    crash(fleet)
    return path


@linux
def test_a_newer_tmux_than_the_server_is_said_and_the_states_are_unknown(fleet: Fleet) -> None:
    path = crashed(fleet)

    with peer(path, VERSION):
        listed = fleet("ls", "--json")
        said = fleet("say", "agent-1", "x")
        spawned = fleet("spawn", "--kind", "demo", *FAST)
        doctor = fleet("doctor", "--json")
        with open_app(str(fleet.state)) as app, pytest.raises(TmuxUnreachable) as attached:
            attach.arguments(app, teams.fleet_now(app), None)

    old = f"/proc/{os.getpid()}/exe -u -S {path}"
    words = "tmux was upgraded under its running server (client 8, server 7); its agents run on; when they are done: "
    words, hint = f"{words}{old} kill-server", f"{old} attach"
    assert [agent["state"] for agent in listed.json["agents"]] == ["unknown"]
    assert listed.err.startswith(f"tmuxagents: {words}; states are unknown\nhint: {hint}")
    for ran in (said, spawned):
        assert (ran.code, ran.out) == (1, "")
        assert re.fullmatch(rf"tmuxagents: {re.escape(words)}\nhint: {re.escape(hint)}.*\n", ran.err)
    assert attached.value.message == words
    [finding] = [f for f in json.loads(doctor.out)["findings"] if f["about"] == "server"]
    assert (finding["level"], finding["what"]) == ("problem", words)
    assert finding["mend"].startswith(hint)


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_server_that_hangs_up_makes_states_unknown(fleet: Fleet, reply: bytes) -> None:
    path = crashed(fleet)

    with peer(path, reply):
        ran = fleet("ls", "--json")

    assert [agent["state"] for agent in ran.json["agents"]] == ["unknown"]
    assert ran.err.startswith("tmuxagents: the tmux server hung up; states are unknown\n")
    assert fleet.agent("agent-1")["state"] == "lost"


@pytest.mark.soak
@pytest.mark.slow
def test_with_a_server_that_accepts_and_never_answers_every_command_ends(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    path = Path(fleet.socket())
    crash(fleet)
    commands = {
        "ls": ["ls", "--json"],
        "show": ["show", "agent-1"],
        "say": ["say", "agent-1", "x"],
        "hold": ["say", "agent-1", "--when-idle", "x"],
        "tail": ["tail", "--no-follow"],
        "spawn": ["spawn", "--kind", "demo", *FAST],
        "stop": ["stop", "agent-1"],
        "resume": ["resume", "--all"],
        "approve": ["approve", "agent-1"],
        "wait": ["wait", "agent-1", "--timeout", "1"],
        "doctor": ["doctor"],
    }

    with peer(path, None):
        started = {name: fleet.start(*argv) for name, argv in commands.items()}
        end = time.monotonic() + 100
        try:
            said = {name: one.communicate(timeout=end - time.monotonic()) for name, one in started.items()}
            states = fleet.entries("--only", "state")
        finally:
            for one in started.values():
                one.kill()

    assert json.loads(said["ls"][0])["agents"][0]["state"] == "unknown"
    assert "one" in said["tail"][0]
    for name in ("say", "hold", "spawn", "stop", "resume", "approve"):
        assert "tmux did not answer" in said[name][1], (name, said[name])
        assert started[name].returncode not in (0, 70), (name, said[name])
    assert all("a bug" not in err and "Traceback" not in err for _, err in said.values()), said
    assert "lost" not in [entry["text"] for entry in states]
    # What ended with an error may be said again.
    assert fleet.ok("show", "agent-1", "--json").json["agents"][0]["held"] == []


@pytest.fixture
def own_tmux(root: Path) -> Iterator[tuple[Fleet, Path]]:
    """A fleet whose tmux is a copy, as a package manager would put it there."""
    folder = root / "bin"
    folder.mkdir()
    program = folder / "tmux"
    shutil.copy(shutil.which("tmux") or "", program)
    made = fleets.make(root, path=[folder])
    try:
        yield made, program
    finally:
        made.end()


def replace(program: Path) -> None:
    """As a package manager does: the new file is put in place of the old one."""
    newer = program.with_name("tmux.new")
    shutil.copy(program, newer)
    newer.rename(program)


@linux
def test_a_tmux_that_was_replaced_on_disk_goes_on_and_doctor_notes_it(own_tmux: tuple[Fleet, Path]) -> None:
    fleet, program = own_tmux
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    server = fleet.processes()[0]
    assert server.exe() == str(program)

    replace(program)

    assert os.readlink(f"/proc/{server.pid}/exe").endswith(" (deleted)")
    assert fleet.agent("agent-1")["state"] == "idle"
    assert fleet.ok("say", "agent-1", "--wait", "say: two").out == "two\n"
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-2", "idle")
    [finding] = [f for f in json.loads(fleet("doctor", "--json").out)["findings"] if f["about"] == "server"]
    assert (finding["level"], "replaced on disk" in finding["what"]) == ("note", True)
    assert fleet.socket() in finding["mend"]


def test_a_server_that_dies_while_it_is_asked_ends_in_lost(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    server = fleet.processes()[0]
    server.suspend()
    asking = fleet.start("ls", "--json")

    def looks() -> bool:
        lines = asked(psutil.Process.cmdline, psutil.Process(asking.pid).children())
        return any("list-panes" in line for line in lines.values())

    eventually(looks)

    server.kill()

    out, _ = asking.communicate(timeout=30)
    assert [agent["state"] for agent in json.loads(out)["agents"]] in (["unknown"], ["lost"])
    assert wait_ended([server]) == []
    assert fleet.agent("agent-1")["state"] == "lost"
