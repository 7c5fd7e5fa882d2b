"""A fleet whose folder is a git repository."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet

ENDS = ("--kind", "command", "--name", "api")
"""An agent that ends at once."""

PROGRAM = ("--", "true")


def git(folder: Path | str, *args: str | bytes, code: int | None = 0) -> str:
    """Run git there as somebody."""
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **who}
    argv = ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *args]
    done = subprocess.run(argv, capture_output=True, env=env, check=False, stdin=subprocess.DEVNULL)
    assert code is None or done.returncode == code, done.stderr
    return os.fsdecode(done.stdout).strip()


@pytest.fixture
def fleet(root: Path) -> Iterator[Fleet]:
    made = fleets.make(root)
    git(made.work, "init", "-q", "-b", "main")
    (made.work / "file").write_text("one\n")
    (made.work / "run.sh").write_text("#!/bin/sh\n")
    (made.work / "run.sh").chmod(0o755)
    (made.work / "below").mkdir()
    (made.work / "below" / "deep").write_text("deep\n")
    (made.work / ".gitignore").write_text("*.log\nbuild/\n")
    git(made.work, "add", ".")
    git(made.work, "commit", "-q", "-m", "first")
    try:
        yield made
    finally:
        made.end()


def spawned(fleet: Fleet, *options: str) -> Path:
    """The worktree of an agent that has ended."""
    fleet.ok("spawn", "-w", *ENDS, *options, *PROGRAM)
    agent = fleet.wait_state("api", "ended")
    return Path(agent["worktree"]["path"])


def everything(folder: Path) -> dict[bytes, tuple[int, bytes]]:
    """Every file and folder below, but for what git keeps to itself: mode, and bytes or target."""
    found: dict[bytes, tuple[int, bytes]] = {}
    for place, below, names in os.walk(os.fsencode(folder)):
        for name in [*below, *names]:
            path = os.path.join(place, name)
            mode = os.lstat(path).st_mode
            key = os.path.relpath(path, os.fsencode(folder))
            if stat.S_ISLNK(mode):
                found[key] = (mode, os.readlink(path))
            elif stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    found[key] = (mode, file.read())
            else:
                found[key] = (mode, b"")
    return found


def git_state(folder: Path) -> list[str]:
    """What git says of a checkout: HEAD, index, status."""
    words = (
        ["symbolic-ref", "-q", "HEAD"],
        ["rev-parse", "HEAD"],
        ["ls-files", "-s", "-v"],
        ["status", "--porcelain=v2", "--ignored"],
        ["for-each-ref", "refs/heads", "refs/bisect", "refs/stash"],
        ["log", "-g", "--format=%H %gs"],
    )
    return [git(folder, *each, code=None) for each in words]
