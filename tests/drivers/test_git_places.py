"""Where a checkout is and what it has checked out, as git's own single answers tell it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tmuxagents.drivers.git import places

pytestmark = pytest.mark.slow


def git(folder: Path, *words: str) -> str:
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **who}
    ran = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, env=env, check=False)
    return ran.stdout.removesuffix("\n")


def made(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return folder


def plain(root: Path) -> Path:
    return made(root / "main")


def below(root: Path) -> Path:
    (folder := made(root / "main") / "a" / "b").mkdir(parents=True)
    return folder


def worktree(root: Path) -> Path:
    git(made(root / "main"), "worktree", "add", "-q", "-b", "b/ü", str(root / "beside"))
    return root / "beside"


def detached(root: Path) -> Path:
    git(folder := made(root / "main"), "checkout", "-q", "--detach")
    return folder


def unborn(root: Path) -> Path:
    (folder := root / "main").mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def bare(root: Path) -> Path:
    git(made(root / "main"), "clone", "-q", "--bare", ".", str(root / "bare"))
    return root / "bare"


def inside(root: Path) -> Path:
    return made(root / "main") / ".git" / "refs"


def broken_line(root: Path) -> Path:
    return made(root / "two\nlines")


def called_head(root: Path) -> Path:
    head = git(folder := made(root / "main"), "rev-parse", "HEAD")
    git(folder, "update-ref", "refs/heads/HEAD", head)
    return folder


def of_no_branch(root: Path) -> Path:
    git(folder := made(root / "main"), "update-ref", "refs/odd/one", "HEAD")
    git(folder, "symbolic-ref", "HEAD", "refs/odd/one")
    return folder


@pytest.mark.parametrize(
    "make",
    [plain, below, worktree, detached, unborn, bare, inside, broken_line, called_head, of_no_branch],
    ids=lambda make: make.__name__,
)
def test_a_checkout_is_what_git_answers_to_each_question_alone(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path)

    def one(what: str) -> str:
        return git(folder, "rev-parse", "--path-format=absolute", what)

    ref = git(folder, "symbolic-ref", "--quiet", "HEAD")
    assert places.of(str(folder)) == places.Checkout(
        common=one("--git-common-dir"),
        git_dir=one("--git-dir"),
        top=one("--show-toplevel"),
        head=git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") or None,
        branch=ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None,
    )


def test_outside_of_git_there_is_no_checkout(tmp_path: Path) -> None:
    assert places.of(str(tmp_path)) is None
