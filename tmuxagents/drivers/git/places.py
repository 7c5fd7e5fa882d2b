"""Where a checkout is, its repository, and what it has checked out."""

from __future__ import annotations

import os

from tmuxagents.drivers.git import call
from tmuxagents.errors import GitFailed
from tmuxagents.value import Value


class Checkout(Value):
    """A work tree as git sees it. `common` is the repository's own directory, which all its worktrees share;
    `git_dir` that of this work tree alone; `top` its uppermost folder, empty in a bare repository; `head` the commit
    that is checked out, None before the first one; `branch` is None where none is checked out."""

    common: str
    git_dir: str
    top: str
    head: str | None
    branch: str | None


def of(folder: str) -> Checkout | None:
    """The checkout that a folder is in; None outside of git. `GitFailed` where git does not want to look."""
    return _at_once(folder) or _one_by_one(folder)


def _at_once(folder: str) -> Checkout | None:
    """The checkout as one question tells it; None where that is not enough: outside of git, in a bare repository,
    before the first commit, where a path holds a line break or a branch is called `HEAD`."""
    where = ("--git-common-dir", "--git-dir", "--show-toplevel")
    # The order matters: what follows `--symbolic-full-name` is told as a ref.
    words = ("rev-parse", "--path-format=absolute", *where, "HEAD^{commit}", "--symbolic-full-name", "HEAD")
    lines = os.fsdecode(call.unasked(folder, *words, good=(0, 128))).split("\n")
    if len(lines) != len(where) + 3 or lines[-1]:
        return None
    common, git_dir, top, head, ref, _ = lines
    return Checkout(common, git_dir, top, head, _name_of(ref))


def _one_by_one(folder: str) -> Checkout | None:
    try:
        # One question each: a path may hold a line break, and `rev-parse` has no `-z`.
        git_dir = _one(folder, "--git-dir")
    except GitFailed as error:
        if "not a git repository" in error.message:
            return None
        raise
    try:
        top = _one(folder, "--show-toplevel")
    except GitFailed:
        # In a bare repository, or inside a `.git`.
        top = ""
    return Checkout(_one(folder, "--git-common-dir"), git_dir, top, commit(folder, "HEAD"), branch(folder))


def commit(folder: str, name: str) -> str | None:
    """The commit that a name means there; None when it means none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return os.fsdecode(call.unasked(folder, *words, good=(0, 1, 128))).strip() or None


def _one(folder: str, what: str) -> str:
    said = call.unasked(folder, "rev-parse", "--path-format=absolute", what)
    return os.fsdecode(said.removesuffix(b"\n"))


def branch(folder: str) -> str | None:
    """The branch that is checked out there, whether it has a commit or not; None where none is."""
    said = call.unasked(folder, "symbolic-ref", "--quiet", "HEAD", good=(0, 1)).removesuffix(b"\n")
    return _name_of(os.fsdecode(said))


def _name_of(ref: str) -> str | None:
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None


def mode_of(top: bytes, path: bytes) -> int:
    """The mode of what lies there, the path being git's; 0 where nothing does, or one of its folders is a link: what
    is behind that is not the checkout's."""
    place = top
    for part in path.split(b"/")[:-1]:
        place = os.path.join(place, part)
        if os.path.islink(place):
            return 0
    try:
        return os.lstat(os.path.join(top, path)).st_mode
    except OSError:
        return 0
