"""Sleeping until a file changes, in both ways that there are."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fleet import eventually
from tmuxagents.drivers.wake import Kernel, Looking, Wake

WAYS = [Looking, *([Kernel] if sys.platform == "linux" else [])]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def wake(request: pytest.FixtureRequest) -> Iterator[Wake]:
    with request.param() as opened:
        yield opened


def test_a_file_that_grows_wakes(wake: Wake, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    assert wake.watch(path)

    with path.open("a") as file:
        file.write("more")

    assert wake.wait(5) == {path}


def test_a_file_that_appears_in_a_folder_wakes(wake: Wake, tmp_path: Path) -> None:
    assert wake.watch(tmp_path)

    (tmp_path / "new").touch()

    assert wake.wait(5) == {tmp_path}


def test_a_file_that_is_moved_into_a_folder_wakes(wake: Wake, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    (tmp_path / "part").touch()
    assert wake.watch(spool)

    (tmp_path / "part").rename(spool / "whole")

    assert wake.wait(5) == {spool}


@pytest.mark.skipif(sys.platform != "linux", reason="only the kernel tells them apart")
def test_a_file_that_grows_in_a_watched_folder_does_not_wake(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    with Kernel() as wake:
        assert wake.watch(tmp_path)

        path.write_text("more")

        assert wake.wait(0.05) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all files are looked at alike")
def test_what_is_written_all_the_time_is_told_together_and_keeps_nothing_else_waiting(tmp_path: Path) -> None:
    noisy, other, prompt = tmp_path / "noisy", tmp_path / "other", tmp_path / "prompt"
    for path in (noisy, other, prompt):
        path.touch()
    with Kernel() as wake:
        for path in (noisy, other):
            assert wake.watch(path, bulk=True)
        assert wake.watch(prompt)
        noisy.write_text("first")
        assert wake.wait(5) == {noisy}

        noisy.write_text("second")
        other.write_text("first")
        prompt.write_text("first")

        assert wake.wait(5) == {prompt}
        assert wake.wait(5) == {noisy, other}


def test_a_sleeper_is_woken(wake: Wake, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    wake.watch(path)
    woken: list[set[Path]] = []
    sleeper = threading.Thread(target=lambda: woken.append(wake.wait(None)))
    sleeper.start()

    path.write_text("more")
    sleeper.join(5)

    assert woken == [{path}]


def test_nothing_wakes_when_nothing_happens(wake: Wake, tmp_path: Path) -> None:
    wake.watch(tmp_path)
    began = time.monotonic()

    assert wake.wait(0.05) == set()

    assert time.monotonic() - began >= 0.05


def test_what_was_told_is_not_told_again(wake: Wake, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    wake.watch(path)
    path.write_text("more")
    wake.wait(5)

    assert wake.wait(0) == set()


def test_a_missing_path_can_be_watched_once_it_is_there(wake: Wake, tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert not wake.watch(path)
    path.touch()

    assert wake.watch(path)
    path.write_text("more")
    assert wake.wait(5) == {path}


def test_a_path_that_went_away_and_came_back_can_be_watched_again(wake: Wake, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    wake.watch(path)
    path.unlink()
    assert wake.wait(5) == {path}
    path.touch()
    while wake.wait(0):
        pass

    assert wake.watch(path)
    path.write_text("more")
    assert wake.wait(5) == {path}


def test_a_forgotten_path_does_not_wake(wake: Wake, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    wake.watch(path)
    wake.forget(path)

    path.write_text("more")

    assert wake.wait(0.05) == set()


def test_forgetting_a_path_that_is_not_watched_is_no_error(wake: Wake, tmp_path: Path) -> None:
    wake.forget(tmp_path / "never")


@pytest.mark.skipif(sys.platform != "linux", reason="only inotify has a queue that can overflow")
def test_when_the_kernels_queue_has_overflowed_everything_counts_as_changed(tmp_path: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    busy, late = [tmp_path / "a", tmp_path / "b"], tmp_path / "late"
    with Kernel() as wake:
        for path in (*busy, late):
            path.touch()
            wake.watch(path)
        with busy[0].open("ab", 0) as first, busy[1].open("ab", 0) as second:
            # Equal events that follow each other are one, so the two take turns.
            for _ in range(limit // 2 + 10):
                first.write(b"x")
                second.write(b"x")
        late.write_text("lost in the overflow")

        seen: set[Path] = set()

        def is_late_seen() -> bool:
            seen.update(wake.wait(0))
            return late in seen

        eventually(is_late_seen)


EXHAUSTED = """
import os, resource, sys
from pathlib import Path
import inotify_simple
from tmuxagents.drivers.wake import open_wake

def held():
    return set(os.listdir("/proc/self/fd"))

before, limits = held(), resource.getrlimit(resource.RLIMIT_NOFILE)
for more in range(3):
    # The pipe of a wake takes two, its queue the third.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3 + more, limits[1]))
    with open_wake() as wake:
        assert wake.watch(Path(sys.argv[1]))
        os.mkdir(os.path.join(sys.argv[1], str(more)))
        assert wake.wait(60) == {Path(sys.argv[1])}
        print(type(wake).__name__)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert held() == before
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is asked of the kernel")
def test_where_the_kernel_has_no_queue_left_sizes_and_times_are_looked_at(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXHAUSTED, str(tmp_path)], capture_output=True, text=True, timeout=100, check=False
    )

    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {"Looking"}
