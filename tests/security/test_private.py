"""What is in a state directory is its owner's alone, whatever the umask of those who wrote it."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import KEY, Fleet, eventually
from tests.support.matrix import every
from tmuxagents.drivers import files

FAST = ["--", "--speed", "0"]
NOBODY = 65534


def under(mask: int, fleet: Fleet, *args: str, code: int = 0, stdin: str = "") -> None:
    """Run one command with that umask."""
    done = subprocess.run(
        fleet.argv(*args),
        input=stdin,
        env=fleet.env,
        cwd=fleet.work,
        umask=mask,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, f"{args}: {done.returncode} {done.stderr}"


def modes(state: Path) -> dict[str, tuple[str, int]]:
    """What every entry is, and who may do what with it; `.` is the state directory itself."""
    found = {}
    for path, status in {state: state.lstat(), **fleets.below(state)}.items():
        mode = status.st_mode
        kind = "folder" if stat.S_ISDIR(mode) else "socket" if stat.S_ISSOCK(mode) else "file"
        found[str(path.relative_to(state))] = (kind, stat.S_IMODE(mode))
    return found


def wanted(name: str, kind: str) -> set[int]:
    if kind == "folder" or name.startswith("bin/"):
        return {0o700}
    # tmux marks a socket whose session somebody is attached to with an x.
    return {0o600, 0o700} if kind == "socket" else {0o600}


def use(fleet: Fleet, mask: int) -> None:
    """What a day leaves in a state directory."""
    under(mask, fleet, "spawn", "--kind", "demo", "--name", "asks", "permission: Write f", *FAST)
    under(mask, fleet, "spawn", "--kind", "demo", "--name", "ends", "say: x", *FAST)
    under(mask, fleet, "spawn", "--kind", "command", "--name", "runs", "--", "sh", "-c", "echo up; exec sleep 1000")
    under(mask, fleet, "spawn", "--kind", "command", "--name", "over", "--", "true")
    fleet.wait_state("asks", "waiting")
    fleet.wait_state("ends", "idle")
    fleet.wait_state("over", "ended")
    under(mask, fleet, "say", "ends", "-", stdin="a long text " * 20_000)
    under(mask, fleet, "say", "asks", "--when-idle", "later")
    under(mask, fleet, "stop", "ends")
    under(mask, fleet, "resume", "ends")
    fleet.wait_state("ends", "idle")
    under(mask, fleet, "controller", "stop")
    under(mask, fleet, "controller", "start")
    eventually(lambda: fleet("controller", "status").code == 0)
    # It runs before it has opened its database, and the last one that closes it takes these away.
    eventually((fleet.state / "tmuxagents.db-shm").exists)


def stumble(fleet: Fleet, mask: int) -> None:
    """Let a command and the controller meet a database that is not as they left it."""
    with sqlite3.connect(fleet.state / "tmuxagents.db") as database:
        database.execute("ALTER TABLE messages RENAME TO gone")
    database.close()
    under(mask, fleet, "show", "runs", code=70)
    (fleet.state / "nudge").touch()
    # It gets its mode when it is opened, and then its first line.
    log = fleet.state / "controller.log"
    eventually(lambda: log.exists() and log.stat().st_size)


@pytest.mark.parametrize("mask", every(3, [0o000, 0o077, 0o377]), ids=oct)
def test_every_file_and_folder_is_private_after_a_day_of_use(fleet: Fleet, mask: int) -> None:
    use(fleet, mask)
    running = modes(fleet.state)
    stumble(fleet, mask)

    found = {**modes(fleet.state), **running}
    names = {name.rpartition("/")[2] for name in found}
    assert {"tmuxagents.db", "tmuxagents.db-wal", "tmuxagents.db-shm", "tmux.sock", "nudge", "controller.log"} <= names
    assert {"bugs", "messages", "pane.1.raw", "pid.1", "exit.1.json", "env.2", "last-screen.txt"} <= names
    wrong = {name: (kind, oct(mode)) for name, (kind, mode) in found.items() if mode not in wanted(name, kind)}
    assert wrong == {}


def test_a_state_directory_that_others_could_read_is_made_private_again(fleet: Fleet) -> None:
    fleet.ok("ls")
    fleet.state.chmod(0o755)

    fleet.ok("ls")

    assert modes(fleet.state)["."] == ("folder", 0o700)


@pytest.mark.parametrize("used", [True, False])
def test_a_folder_that_we_did_not_make_is_not_made_private(fleet: Fleet, used: bool) -> None:
    fleet.state.mkdir()
    fleet.state.chmod(0o755)
    if used:
        (fleet.state / "notes.txt").write_text("mine")

    ran = fleet("ls")

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 2)
    assert "others may look into" in ran.err
    assert ran.err.splitlines()[1] == (
        "hint: tmuxagents help environment" if used else f"hint: chmod 700 '{fleet.state}'"
    )
    assert modes(fleet.state)["."] == ("folder", 0o755)
    assert [path.name for path in fleet.state.iterdir()] == (["notes.txt"] if used else [])


def test_a_state_directory_of_another_user_is_refused_and_left_as_it_is(fleet: Fleet) -> None:
    # Who is not root has root's folders for that.
    theirs = fleet.root / "theirs" if os.geteuid() == 0 else Path("/usr")
    if os.geteuid() == 0:
        theirs.mkdir(mode=0o755)
        os.chown(theirs, 65534, 65534)
    before = theirs.stat()

    ran = fleet("--state-dir", str(theirs), "ls")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"tmuxagents: the state directory '{theirs}' belongs to another user\nhint: ls -ld '{theirs}'\n"
    assert (theirs.stat().st_mode, theirs.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_folders_that_have_to_be_made_above_it_are_private_too(fleet: Fleet) -> None:
    state = fleet.root / "a" / "b" / "state"

    under(0, fleet, "--state-dir", str(state), "doctor")

    assert [stat.S_IMODE(path.stat().st_mode) for path in (fleet.root / "a", fleet.root / "a" / "b", state)] == [
        0o700
    ] * 3


def test_a_report_of_a_bug_is_private_where_nothing_was_yet(fleet: Fleet) -> None:
    fleet.ok("ls")
    with sqlite3.connect(fleet.state / "tmuxagents.db") as database:
        database.execute("DROP TABLE messages")
        database.execute("DROP TABLE agents")
    database.close()
    under(0, fleet, "ls", code=70)

    found = modes(fleet.state)
    assert found["bugs"] == ("folder", 0o700)
    assert {mode for name, (_, mode) in found.items() if name.startswith("bugs/")} == {0o600}


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o377)
    yield
    os.umask(before)


def test_what_the_driver_makes_has_its_mode_under_a_umask_that_takes_the_owners_rights(
    tmp_path: Path, umask: None
) -> None:
    folder = files.private_folder(tmp_path / "a" / "b", above=True)
    files.write_whole(folder / "whole", "x")
    files.append(folder / "log", "x")
    files.touch(folder / "nudge")
    with files.locked(folder / "lock", within=0):
        pass

    found = modes(tmp_path / "a")
    assert {mode for kind, mode in found.values() if kind == "folder"} == {0o700}
    assert {mode for kind, mode in found.values() if kind == "file"} == {0o600}


# Somebody else on the machine

TRY = """
import json, os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
found = {}
for path in sys.argv[1:]:
    try:
        if path.endswith(".sock"):
            socket.socket(socket.AF_UNIX).connect(path)
        elif os.path.isdir(path):
            os.listdir(path)
        else:
            os.close(os.open(path, os.O_RDONLY))
        found[path] = "could"
    except OSError as error:
        found[path] = type(error).__name__
print(json.dumps(found))
"""


def tried(*paths: Path) -> set[str]:
    """How another user fares with these, each tried for real."""
    argv = [sys.executable, "-I", "-S", "-c", TRY, *map(str, paths)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd="/")
    found: dict[str, str] = json.loads(done.stdout)
    assert len(found) == len(paths)
    return set(found.values())


@pytest.fixture
def reachable(root: Path) -> Iterator[Fleet]:
    """A fleet in a folder that everybody may enter: what keeps others out is our own doing."""
    if os.geteuid() != 0:
        pytest.skip("only root can try what another user can do")
    root.chmod(0o755)
    made = fleets.make(root)
    try:
        yield made
    finally:
        made.end()


def test_another_user_reads_no_state_and_reaches_no_socket(reachable: Fleet) -> None:
    under(0, reachable, "spawn", "--kind", "demo", "--env", "API_KEY=x", "say: x", *FAST)
    reachable.wait_state("agent-1", "idle")
    beside = reachable.root / "beside"
    beside.write_text("everybody's")
    beside.chmod(0o644)
    inside = [path for path in reachable.state.rglob("*") if path.is_file() or path.is_dir()]

    assert tried(beside) == {"could"}
    assert tried(reachable.state, Path(reachable.socket()), *inside) == {"PermissionError"}


def test_another_user_reaches_no_socket_beside_a_long_state_directory(reachable: Fleet) -> None:
    runtime = reachable.root / "run"
    runtime.mkdir()
    runtime.chmod(0o755)
    state = reachable.root / ("long" * 30)
    reachable.env.update(TMUXAGENTS_STATE_DIR=str(state), XDG_RUNTIME_DIR=str(runtime))
    under(0, reachable, "spawn", "--kind", "demo", "say: x", *FAST)
    place = Path((state / "socket").read_text().strip())
    try:
        assert place.is_relative_to(runtime)
        assert place.is_socket()

        assert tried(place.parent, place) == {"PermissionError"}

        place.parent.chmod(0o755)  # the socket's own mode alone
        assert tried(place) == {"PermissionError"}
    finally:
        subprocess.run(["tmux", "-N", "-S", str(place), "kill-server"], check=False, capture_output=True)


def test_a_folder_for_the_socket_that_is_another_users_is_not_used(reachable: Fleet) -> None:
    runtime = reachable.root / "run"
    (runtime / "tmuxagents").mkdir(parents=True)
    reachable.env.update(TMUXAGENTS_STATE_DIR=str(reachable.root / ("long" * 30)), XDG_RUNTIME_DIR=str(runtime))

    os.chown(runtime / "tmuxagents", NOBODY, NOBODY)
    ran = reachable("ls")
    assert (ran.code, "belongs to another user" in ran.err) == (1, True)

    os.chown(runtime, NOBODY, NOBODY)
    ran = reachable("ls")
    assert (ran.code, "is too long for a socket's path" in ran.err) == (1, True)


@pytest.mark.claude
def test_what_the_hooks_of_the_real_claude_leave_is_private(claude: Fleet) -> None:
    under(0, claude, "spawn", "say: hello")
    claude.wait_for("agent-1", lambda a: a["turns"] == 1)

    found = modes(claude.state)
    assert any(name.endswith("settings.json") for name in found)
    assert {name: oct(mode) for name, (kind, mode) in found.items() if mode not in wanted(name, kind)} == {}
    assert fleets.holding(claude.state, KEY.encode()) == ["env.1"]
