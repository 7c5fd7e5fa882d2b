"""What a killed process has left of git's work for a moment is removed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tmuxagents.drivers.git import scratch


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files lie."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def made(top: Path, name: str, *, age_s: float) -> Path:
    path = top / name
    path.mkdir()
    (path / "index").write_text("x")
    at = time.time() - age_s
    os.utime(path, (at, at))
    return path


@pytest.fixture
def gone() -> int:
    """The pid of a process that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_what_is_old_and_nobodys_is_removed(temporary: Path, gone: int) -> None:
    left = made(temporary, f"tmuxagents-git-{gone}-abc", age_s=2 * scratch.OLD_S)

    scratch.sweep()

    assert not left.exists()


def test_what_may_be_in_use_or_is_none_of_ours_stays(temporary: Path, gone: int) -> None:
    aside = made(temporary, "aside", age_s=2 * scratch.OLD_S)
    kept = [
        made(temporary, f"tmuxagents-git-{gone}-young", age_s=1),
        made(temporary, f"tmuxagents-git-{os.getpid()}-lives", age_s=2 * scratch.OLD_S),
        made(temporary, "tmuxagents-git-of-somebody", age_s=2 * scratch.OLD_S),
        made(temporary, f"other-{gone}-abc", age_s=2 * scratch.OLD_S),
        aside,
    ]
    link = temporary / f"tmuxagents-git-{gone}-link"
    link.symlink_to(aside)
    os.utime(link, (0, 0), follow_symlinks=False)

    scratch.sweep()

    assert all((path / "index").exists() for path in kept)
    assert link.is_symlink()


def test_one_is_there_for_the_moment_alone(temporary: Path) -> None:
    with scratch.folder() as folder:
        assert Path(folder).parent == temporary
        assert f"-{os.getpid()}-" in folder

    assert list(temporary.iterdir()) == []
