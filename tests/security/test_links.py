"""A symbolic link in the state directory is not followed out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.alone import Alone, alone, event
from tests.support.fleet import Fleet
from tmuxagents.cli import boundary
from tmuxagents.drivers import files, wrapper
from tmuxagents.errors import LinkFound

FAST = ["--", "--speed", "0"]

OF_THE_FLEET = [
    "agents",
    "bin",
    "bugs",
    "controller.lock",
    "controller.log",
    "controller.pid",
    "controller.stop",
    "nudge",
    "server",
    "server.lock",
    "socket",
    "tmux.conf",
    "tmux.sock",
    "tmuxagents.db",
    "tmuxagents.db-shm",
    "tmuxagents.db-wal",
]

OF_AN_AGENT = [
    ".exit.1",
    "env.1",
    "env.2",
    "events.jsonl",
    "exit.1.json",
    "last-screen.txt",
    "messages",
    "pane.1.raw",
    "pane.2.raw",
    "pid.1",
    "pid.2",
    "spool",
    "task.1",
]

FOLDERS = {"agents", "bin", "bugs", "messages", "spool"}


@pytest.fixture
def outside(fleet: Fleet) -> Path:
    """A folder that is none of ours."""
    folder = fleet.root / "outside"
    folder.mkdir()
    return folder


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything in a folder: what it is, when it was changed, what it holds."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


@contextmanager
def linked(path: Path, target: Path) -> Iterator[None]:
    """The entry is a link meanwhile; what stood there comes back."""
    aside = path.parent.parent / f"aside-{path.name}"
    there = os.path.lexists(path)
    if there:
        path.rename(aside)
    path.symlink_to(target)
    try:
        yield
    finally:
        path.unlink()
        if there:
            aside.rename(path)


def fill(target: Path) -> None:
    """What the link leads to: something that looks as ours does."""
    if target.name in FOLDERS:
        target.mkdir()
        (target / "theirs").write_text("canary")
    else:
        target.write_text('{"code": 0, "hangup": false, "event": "text", "text": "canary"}\n')


def refused(fleet: Fleet, link: Path, *args: str) -> None:
    """The command names the link on one line, and how to remove it on the other; or the link is no more:
    the controller writes some files anew, which replaces it."""
    ran = fleet(*args)
    if not link.is_symlink():
        return
    assert (ran.code, ran.out) == (1, ""), f"{args} with {link.name}: {ran}"
    assert ran.err == (f"tmuxagents: '{link}' is a symbolic link, which is not followed\nhint: rm '{link}'\n")


def each(fleet: Fleet, outside: Path, path: Path, *commands: tuple[str, ...]) -> None:
    """With the entry as a link to nothing, then to something, every command refuses and touches nothing."""
    target = outside / path.name
    with linked(path, target):
        for command in commands:
            refused(fleet, path, *command)
    assert tree(outside) == {}, path.name
    fill(target)
    before = tree(outside)
    with linked(path, target):
        for command in commands:
            refused(fleet, path, *command)
    assert tree(outside) == before, path.name
    target.rename(fleet.root / f"was-{path.name}")


def test_no_entry_of_the_state_directory_is_followed(fleet: Fleet, outside: Path) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)
    fleet.wait_state("agent-1", "idle")

    for name in OF_THE_FLEET:
        each(fleet, outside, fleet.state / name, ("ls",), ("spawn", "--kind", "demo", *FAST))

    assert fleet.ok("say", "agent-1", "--wait", "say: still there").out == "still there\n"


def test_no_entry_of_a_running_agents_folder_is_followed(fleet: Fleet, outside: Path) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)
    folder = fleet.state / "agents" / fleet.wait_state("agent-1", "idle")["id"]
    told = ("tail", "--no-follow", "--only", "prompt,text,turn,exit,state")
    before = fleet.ok(*told).out

    each(fleet, outside, folder, ("ls",), ("say", "agent-1", "no"))
    for name in OF_AN_AGENT:
        each(fleet, outside, folder / name, ("show", "agent-1"))

    assert fleet.ok(*told).out == before
    assert fleet.agent("agent-1")["state"] == "idle"


def test_no_entry_of_an_ended_agents_folder_is_followed_when_it_is_resumed(fleet: Fleet, outside: Path) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)
    folder = fleet.state / "agents" / fleet.wait_state("agent-1", "idle")["id"]
    fleet.ok("stop", "agent-1")

    for name in ("pane.2.raw", "env.2", "pid.2", ".exit.2", "spool"):
        each(fleet, outside, folder / name, ("resume", "agent-1"))

    fleet.ok("resume", "agent-1")
    assert fleet.wait_state("agent-1", "idle")["generation"] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("ls", "--json"),
        ("tail", "--no-follow"),
        ("show", "agent-1"),
        ("search", "x"),
        ("wait",),
        ("say", "agent-1", "x"),
        ("approve", "agent-1"),
        ("interrupt", "agent-1"),
        ("stop", "agent-1"),
        ("resume", "--all"),
        ("rm", "agent-1"),
        ("doctor",),
        ("controller", "start"),
        ("controller", "stop"),
        ("controller", "status"),
        ("controller", "run"),
    ],
    ids=" ".join,
)
def test_every_command_refuses(fleet: Fleet, outside: Path, words: tuple[str, ...]) -> None:
    fleet.state.mkdir(mode=0o700)
    (fleet.state / "tmuxagents.db").symlink_to(outside / "theirs.db")

    refused(fleet, fleet.state / "tmuxagents.db", *words)

    assert tree(outside) == {}


def test_a_script_that_is_a_link_is_replaced(tmp_path: Path) -> None:
    outside = tmp_path / "outside.sh"
    outside.write_text(wrapper.STARTER)
    wrapper.write_scripts(tmp_path / "bin")
    (tmp_path / "bin" / "starter.sh").unlink()
    (tmp_path / "bin" / "starter.sh").symlink_to(outside)

    wrapper.write_scripts(tmp_path / "bin")

    assert not (tmp_path / "bin" / "starter.sh").is_symlink()
    assert (tmp_path / "bin" / "starter.sh").read_text() == wrapper.STARTER
    assert outside.read_text() == wrapper.STARTER


def test_the_state_directory_itself_may_be_a_link(fleet: Fleet, outside: Path) -> None:
    outside.chmod(0o700)
    fleet.state.symlink_to(outside)

    fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)

    assert fleet.wait_state("agent-1", "idle")["turns"] == 1
    assert (outside / "tmuxagents.db").exists()


def test_the_folder_of_the_socket_is_not_followed(fleet: Fleet, outside: Path) -> None:
    runtime = fleet.root / "run"
    runtime.mkdir()
    (runtime / "tmuxagents").symlink_to(outside)
    state = fleet.root / ("long" * 30)

    ran = fleet("ls", TMUXAGENTS_STATE_DIR=str(state), XDG_RUNTIME_DIR=str(runtime))

    assert ran.code == 1
    assert f"'{runtime}/tmuxagents' is a symbolic link" in ran.err
    assert tree(outside) == {}


def test_the_report_of_a_bug_is_not_written_through_a_link(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "outside").mkdir()
    (tmp_path / "state" / "bugs").symlink_to(tmp_path / "outside")
    # A bug that is met before the fleet is opened.
    monkeypatch.setattr(boundary, "_main", lambda argv: argv.nothing)

    assert boundary.run(["--state-dir", str(tmp_path / "state"), "completion", "bash"]) == boundary.BUG

    assert "the report could not be saved" in capfd.readouterr().err
    assert tree(tmp_path / "outside") == {}


# Replaced under a running controller


@pytest.fixture
def lone(root: Path) -> Iterator[Alone]:
    with alone(root / "state") as made:
        yield made


@pytest.mark.parametrize("above", [False, True], ids=["its folder", "the folder of all"])
def test_what_a_linked_folder_holds_is_not_told(lone: Alone, root: Path, above: bool) -> None:
    lone.say("ours")
    lone.pull()
    swapped = lone.folder.parent if above else lone.folder
    swapped.rename(root / "outside")
    swapped.symlink_to(root / "outside")
    lone.events.open("ab").write(event("text", text="theirs"))

    assert lone.pull() == 0

    assert lone.texts() == ["ours"]


def test_what_a_linked_transcript_holds_is_not_told(lone: Alone, root: Path) -> None:
    lone.say("ours")
    lone.pull()
    (root / "theirs").write_bytes(lone.events.read_bytes() + event("text", text="theirs"))
    lone.events.unlink()
    lone.events.symlink_to(root / "theirs")

    lone.pull()

    assert lone.texts() == ["ours"]


# The one place


def _locked(path: Path) -> None:
    with files.locked(path, within=0):
        pass


@pytest.mark.parametrize(
    "act",
    [files.read_whole, files.touch, _locked, lambda path: files.append(path, "x"), files.private_folder],
    ids=["read", "touch", "lock", "append", "folder"],
)
@pytest.mark.parametrize("there", [False, True], ids=["to nothing", "to a file"])
def test_a_link_is_refused(tmp_path: Path, act: Callable[[Path], object], there: bool) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    if there:
        (tmp_path / "target").write_text("theirs")
    before = tree(tmp_path)

    with pytest.raises((OSError, LinkFound)):
        act(tmp_path / "link")

    assert tree(tmp_path) == before


def test_a_link_has_no_size_no_content_and_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("theirs")
    (tmp_path / "link").symlink_to(tmp_path / "target")

    assert (files.size(tmp_path / "link"), files.exists(tmp_path / "link")) == (0, False)
    assert files.read_from(tmp_path / "link", 0, 100) == b""


def test_writing_replaces_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("theirs")
    (tmp_path / "link").symlink_to(tmp_path / "target")

    files.write_whole(tmp_path / "link", "ours")

    assert (tmp_path / "target").read_text() == "theirs"
    assert not (tmp_path / "link").is_symlink()


def test_a_fifo_is_no_file_and_holds_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert files.read_from(tmp_path / "fifo", 0, 100) == b""
    with pytest.raises(OSError, match="is no file"):
        files.read_whole(tmp_path / "fifo")
