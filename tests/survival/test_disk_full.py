"""The disk that the state is on runs full, and has room again."""

from __future__ import annotations

import contextlib
import errno
import json
import re
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.services.controller.test_controller import controller
from tests.support import fleet as fleets
from tests.support import small_disk
from tests.support.fleet import Fleet, eventually
from tmuxagents.drivers import disk, wrapper

FAST = ["--", "--speed", "0"]

PADDING = "x" * 150
"""The last block of a file has room of its own, which is to be full soon."""

TICKS = f"n=0; while :; do n=$((n+1)); echo tick $n. {PADDING}; sleep 0.02; done"


@pytest.fixture
def fleet(root: Path) -> Iterator[Fleet]:
    """A fleet whose state is on a small disk of its own."""
    with small_disk.mounted(fleets.make(root)) as made:
        yield made


def fill(fleet: Fleet) -> None:
    """Write until nothing more can be written."""
    with open(fleet.state / "filler", "ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    assert full(fleet)


def fill_under(fleet: Fleet) -> None:
    """The same, with a controller that has begun: on a full disk it could not say who it is, and who is the first
    to open the database could not."""
    database = str(fleet.state / "tmuxagents.db")
    eventually(lambda: any(file.path == database for file in controller(fleet).open_files()))
    fill(fleet)


def full(fleet: Fleet) -> bool:
    try:
        (fleet.state / "probe").write_bytes(b"x" * 4096)
    except OSError as error:
        return error.errno == errno.ENOSPC
    finally:
        (fleet.state / "probe").unlink(missing_ok=True)
    return False


def controlled(fleet: Fleet) -> bool:
    """Whether a controller has the database open: the first to open it needs room for the index of its log."""
    try:
        opened = [file.path for file in controller(fleet).open_files()]
    except psutil.NoSuchProcess:
        return False
    return str(fleet.state / "tmuxagents.db") in opened


def make_room(fleet: Fleet) -> None:
    (fleet.state / "filler").unlink()


def sound(fleet: Fleet) -> bool:
    """Whether nothing is half written: the database, and every file that appears whole."""
    with contextlib.closing(sqlite3.connect(f"file:{fleet.state}/tmuxagents.db?mode=ro", uri=True)) as db:
        [(verdict,)] = db.execute("PRAGMA integrity_check").fetchall()
    assert verdict == "ok"
    for told in fleet.state.glob("controller.pid"):
        # One that has just been started has not told its own yet.
        assert re.fullmatch(r"\d+", told.read_text())
    assert re.fullmatch(r"\d+\.\d+\n\S+\n", (fleet.state / "server").read_text())
    assert (fleet.state / "socket").read_text().endswith(".sock\n")
    assert (fleet.state / "tmux.conf").read_text().splitlines()[-1].startswith("bind n ")
    for name, text in wrapper.SCRIPTS.items():
        assert (fleet.state / "bin" / name).read_text() == text
    for folder in (fleet.state / "agents").iterdir():
        for record in folder.glob("exit.*.json"):
            assert "code" in json.loads(record.read_text())
        for pid in folder.glob("pid.*"):
            assert pid.suffix == ".raw" or pid.read_text().isdecimal()
    # A starter that waits to record an exit has only begun its own.
    left = [path.name for path in fleet.state.rglob(".*.*") if path.is_file() and not path.name.startswith(".exit.")]
    assert left == []
    return True


def texts(fleet: Fleet, name: str, kind: str = "text") -> list[str]:
    return [entry["text"] for entry in fleet.entries(name, "--only", kind, "-n", "100000")]


def ticks(fleet: Fleet) -> list[int]:
    lines = "\n".join(texts(fleet, "ticker", "output")).split("\n")
    return [int(found[1]) for line in lines if (found := re.fullmatch(rf"tick (\d+)\. {PADDING}", line))]


def test_work_goes_on_when_there_is_room_again_and_the_gap_is_marked_once(fleet: Fleet) -> None:
    script = "\n".join(f"say: {number}\nthink: 0.05" for number in range(300))
    fleet.ok("spawn", "--kind", "demo", "--name", "talker", script, "--", "--speed", "4")
    fleet.ok("spawn", "--kind", "command", "--name", "ticker", "--", "sh", "-c", TICKS)
    fleet.ok("spawn", "--kind", "demo", "--name", "over", "die: 3", *FAST)
    fleet.wait_state("over", "failed")
    eventually(lambda: len(ticks(fleet)) > 10 and len(texts(fleet, "talker")) > 5)
    controlling = controller(fleet)
    server = fleet.processes()[0]

    fill_under(fleet)
    eventually(lambda: fleet.tmux("show-options", "-gqv", "@tmuxagents_trouble") == "disk full \n")
    # The terminal's record has broken off.
    ticker = fleet.pane("ticker")
    eventually(lambda: fleet.tmux("display-message", "-p", "-t", ticker, "#{pane_pipe}") == "0\n")
    before = ticks(fleet)
    said_before = texts(fleet, "talker")
    assert sound(fleet)
    assert controlling.is_running()
    make_room(fleet)

    fleet.wait_for("talker", lambda agent: agent["turns"] == 1)
    assert texts(fleet, "talker") == [str(number) for number in range(300)]
    assert texts(fleet, "talker")[: len(said_before)] == said_before
    eventually(lambda: len(ticks(fleet)) > len(before) + 10)
    after = ticks(fleet)
    assert after[: len(before)] == before
    assert max(Counter(after).values()) == 1
    assert after == sorted(after)
    for name in ("talker", "ticker"):
        [gap] = fleet.entries(name, "--only", "gap")
        assert gap["text"] == "the disk was full: what it said meanwhile may be missing"
    assert fleet.entries("over", "--only", "gap") == []
    assert fleet.ok("say", "--wait", "talker", "say: after").out == "after\n"
    assert controlling.is_running()
    assert server.is_running()
    assert sound(fleet)


def test_the_gap_is_marked_also_by_the_next_controller(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    process = controller(fleet)
    fill_under(fleet)
    eventually(
        lambda: fleet.tmux("show-options", "-gqv", "@tmuxagents_trouble") == "disk full \n",
        explain=lambda: f"{disk.free_bytes(fleet.state)} bytes free; {fleet('controller', 'status')}",
    )
    process.kill()

    make_room(fleet)

    eventually(lambda: fleet.entries("--only", "gap"))
    fleet.ok("say", "--wait", "agent-1", "say: two")
    # The gap is written first, then the status line is cleared.
    eventually(lambda: fleet.tmux("show-options", "-gqv", "@tmuxagents_trouble") == "\n")
    [gap] = fleet.entries("--only", "gap")
    assert gap["text"] == "the disk was full: what it said meanwhile may be missing"


def test_commands_end_with_one_clear_line(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    fill_under(fleet)

    listed = fleet("ls", "--json")
    read = fleet("tail", "--no-follow", "--json", "--only", "text")
    spawned = fleet("spawn", "--kind", "demo", *FAST)
    said = fleet("say", "agent-1", "say: two")
    held = fleet("say", "agent-1", "--when-idle", "say: two")

    assert [agent["state"] for agent in listed.json["agents"]] == ["idle"]
    assert (listed.code, read.code) == (0, 0)
    assert json.loads(read.out)["text"] == "one"
    for ran in (spawned, said, held):
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == f"tmuxagents: no space is left on the disk\nhint: df -h '{fleet.state}'\n"
    assert sound(fleet)

    make_room(fleet)

    assert [agent["name"] for agent in fleet.agents()] == ["agent-1"]
    assert len(list((fleet.state / "agents").iterdir())) == 1
    assert fleet.ok("say", "--wait", "agent-1", "say: three").out == "three\n"
    assert texts(fleet, "agent-1") == ["one", "three"]
    assert texts(fleet, "agent-1", "prompt") == ["say: one", "say: three"]


@pytest.mark.soak
def test_an_end_on_a_full_disk_is_recorded_when_there_is_room(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sh", "-c", "until [ -e go ]; do sleep 0.05; done; exit 7")
    fleet.wait_state("agent-1", "working")
    eventually(lambda: controlled(fleet))
    fill_under(fleet)

    (fleet.work / "go").touch()
    # The program has ended; its starter waits.
    eventually(lambda: ["sh", "-c"] not in [words[:2] for words in fleet.command_lines().values()])
    assert sound(fleet)
    make_room(fleet)

    assert fleet.wait_state("agent-1", "failed")["exit_code"] == 7


def test_a_state_that_cannot_be_begun_leaves_nothing_half_made(fleet: Fleet) -> None:
    fill(fleet)

    ran = fleet("spawn", "--kind", "demo", *FAST)

    assert (ran.code, ran.out) == (1, "")
    assert re.fullmatch(rf"tmuxagents: .*no space is left.*\nhint: df -h '{fleet.state}'\n", ran.err, re.IGNORECASE)
    make_room(fleet)
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    assert sound(fleet)


def test_a_database_that_nobody_has_open_is_told_to_have_no_room(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    fleet.ok("controller", "stop")
    fill(fleet)

    listed = fleet("ls", "--json")
    make_room(fleet)

    assert (listed.code, listed.out) == (1, "")
    assert listed.err == f"tmuxagents: no space is left on the disk\nhint: df -h '{fleet.state}'\n"
    assert [agent["turns"] for agent in fleet.agents()] == [1]


def test_a_controller_that_starts_on_a_full_disk_is_there_when_there_is_room(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    fleet.ok("controller", "stop")
    fill(fleet)

    fleet("controller", "start")
    make_room(fleet)

    fleet.ok("say", "agent-1", "--when-idle", "say: two")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 2)
    assert texts(fleet, "agent-1") == ["one", "two"]


def test_a_hook_that_cannot_keep_its_payload_leaves_no_half_one(fleet: Fleet, root: Path) -> None:
    wrapper.write_scripts(root / "bin")
    spool = fleet.state / "spool"
    spool.mkdir()
    fill(fleet)

    done = subprocess.run(
        [root / "bin" / "hook.sh", str(spool), "1", "Stop"],
        input=b'{"a": "' + b"x" * 100_000 + b'"}',
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(spool.iterdir()) == []


@pytest.mark.soak
def test_who_is_queued_waits_for_the_disk_too_and_begins_when_there_is_room(fleet: Fleet) -> None:
    config = fleet.home / "config.toml"
    config.write_text("max_agents = 1\n")
    fleet.ok("spawn", "--name", "busy", "--kind", "command", "--", "sleep", "1000")
    fleet.ok("spawn", "--name", "one", "--kind", "command", "--", "sh", "-c", "echo begun")
    fill_under(fleet)
    before = controller(fleet).pid
    config.write_text("max_agents = 2\n")
    eventually(lambda: full(fleet) and fleet("ls").code == 0)
    assert fleet.agent("one")["state"] == "queued"

    make_room(fleet)
    fleet.wait_state("one", "ended")
    assert fleet.printed("one") == ["begun"]
    assert controller(fleet).pid == before
