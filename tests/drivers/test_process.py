"""A process is ours when its pid and its start are; nobody else is signalled."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fleet import eventually
from tmuxagents.drivers import process
from tmuxagents.drivers.process import Process
from tmuxagents.value import replace


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[bytes]]:
    """A shell with a child."""
    started = subprocess.Popen(["sh", "-c", "sleep 1000 & wait"], start_new_session=True)
    yield started
    started.kill()
    started.wait()


def known(pid: int) -> Process:
    found = process.known(pid)
    assert found is not None
    return found


def child(parent: subprocess.Popen[bytes]) -> Process:
    found: Process = eventually(lambda: next(iter(process.below(known(parent.pid))), None))
    return found


def test_the_descendants_are_found_and_signalled(parent: subprocess.Popen[bytes]) -> None:
    below = child(parent)

    assert process.send([below], signal.SIGKILL) == [below]

    eventually(lambda: not process.lives(below))


def test_the_end_of_a_process_that_is_not_our_child_is_waited_for(parent: subprocess.Popen[bytes]) -> None:
    below, over = child(parent), threading.Event()

    def waits() -> None:
        process.wait_for_end(below)
        over.set()

    threading.Thread(target=waits, daemon=True).start()
    assert not over.wait(0.2)

    process.send([below], signal.SIGKILL)

    eventually(over.is_set)
    assert process.wait_for_end(below)


def test_a_process_with_another_start_is_not_signalled(parent: subprocess.Popen[bytes]) -> None:
    below = child(parent)

    assert process.send([replace(below, mark=below.mark + "0")], signal.SIGKILL) == []

    assert process.lives(below)
    assert process.send([below], signal.SIGKILL) == [below]


def test_what_runs_below_a_pid_that_is_anothers_now_is_not_ours(parent: subprocess.Popen[bytes]) -> None:
    below = child(parent)
    root = known(parent.pid)

    assert process.below(replace(root, mark="an earlier start")) == []

    process.send([below], signal.SIGKILL)


def test_a_process_of_which_only_the_exit_status_is_left_is_nobody() -> None:
    started = subprocess.Popen(["sleep", "1000"])
    one = known(started.pid)
    started.kill()

    eventually(lambda: process.known(started.pid) is None)
    assert process.send([one], signal.SIGUSR1) == []
    started.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only there the name stands in front of the start")
def test_a_name_with_brackets_and_spaces_does_not_hide_the_start(tmp_path: Path) -> None:

    program = tmp_path / "a) S 1 (b"
    shutil.copy(shutil.which("sleep") or "", program)
    started = subprocess.Popen([program, "1000"])
    try:
        eventually(lambda: "a)" in Path(f"/proc/{started.pid}/comm").read_text())
        assert known(started.pid).mark == known(started.pid).mark
        assert process.lives(known(started.pid))
    finally:
        started.kill()
        started.wait()


def test_a_process_is_suspended_from_its_stop_to_its_continue(parent: subprocess.Popen[bytes]) -> None:
    process.send([known(parent.pid)], signal.SIGSTOP)
    eventually(lambda: process.is_suspended(parent.pid))

    process.send([known(parent.pid)], signal.SIGCONT)

    eventually(lambda: not process.is_suspended(parent.pid))


def test_what_has_ended_is_not_suspended(parent: subprocess.Popen[bytes]) -> None:
    parent.kill()
    parent.wait()

    assert not process.is_suspended(parent.pid)


@pytest.mark.parametrize("program", ["tool", "sub/tool", "./tool", "folder", "plain", "absent", ".", "..", "/", ""])
def test_what_is_on_the_path_is_what_shutil_finds(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, mode in (("one/folder/x", 0o755), ("one/plain", 0o644), ("two/plain", 0o755), ("two/tool", 0o755)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch(mode)
    monkeypatch.chdir(tmp_path / "two")
    (tmp_path / "two" / "sub").symlink_to(".")

    for path in (f"{tmp_path}/one:{tmp_path}/two", f"{tmp_path}/two:", "", f"/nowhere:{tmp_path}/one", None):
        assert process.on_path(program, path) == shutil.which(program, path=path)
