"""What git's own files say of a folder.

Read without git: `ls` asks for every agent, and git runs programs that a repository's configuration
names (`core.fsmonitor`). A repository may be anybody's, so its files are believed only as far as they
look as git writes them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tmuxagents.drivers import files

LONGEST = 4096
"""Bytes that are read of any of them."""

_BRANCH = "ref: refs/heads/"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def branch(folder: str) -> str | None:
    """The branch checked out in a folder, the start of the commit when it is none; None outside of git."""
    found = (_checked_out(place) for place in _upward(folder))
    return next((one for one in found if one is not None), None)


def work_tree(folder: str) -> str | None:
    """The uppermost folder of the checkout that a folder is in; None outside of git."""
    return next((place for place in _upward(os.path.realpath(folder)) if _checked_out(place) is not None), None)


def repository(folder: str) -> str | None:
    """The repository that a folder is in, by the place that all its worktrees share; None outside of git."""
    for place in _upward(os.path.realpath(folder)):
        git = _git_folder(place)
        if git is not None and _named(_text(os.path.join(git, "HEAD"))) is not None:
            shared = _text(os.path.join(git, "commondir"))
            return os.path.realpath(os.path.join(git, shared) if shared else git)
    return None


def _upward(folder: str) -> Iterator[str]:
    """The folder, and each that it is in."""
    place, below = folder, None
    while place != below:
        yield place
        place, below = os.path.dirname(place), place


def top(folder: Path) -> Path | None:
    """The top of the repository that the folder is in, of the main checkout for a worktree; None outside of git.

    Whoever makes a folder can point its `.git` anywhere: it is a worktree of another repository only where that
    one's own files say so too.
    """
    place = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(place, ".git")):
        parent = os.path.dirname(place)
        if parent == place:
            return None
        place = parent
    return Path(_main_checkout(place) or place)


def _main_checkout(place: str) -> str | None:
    git = os.path.join(place, ".git")
    found = _git_folder(place)
    if found is None or found == git:
        return None
    private = os.path.realpath(found)
    shared, back = _text(os.path.join(private, "commondir")), _text(os.path.join(private, "gitdir"))
    if shared is None or back is None or os.path.realpath(os.path.join(private, back)) != os.path.realpath(git):
        return None
    common = os.path.realpath(os.path.join(private, shared))
    # git keeps a worktree's files in the repository that it belongs to, and a bare one has no checkout.
    held = os.path.dirname(private) == os.path.join(common, "worktrees")
    return os.path.dirname(common) if held and os.path.basename(common) == ".git" else None


def _checked_out(place: str) -> str | None:
    git = _git_folder(place)
    return None if git is None else _named(_text(os.path.join(git, "HEAD")))


def _git_folder(place: str) -> str | None:
    git = os.path.join(place, ".git")
    pointer = _text(git)
    if pointer is None:
        return git
    # A worktree's or submodule's `.git` is a file that points to the real one.
    return os.path.join(place, pointer.removeprefix("gitdir: ")) if pointer.startswith("gitdir: ") else None


def _named(head: str | None) -> str | None:
    """The branch, or the start of the commit, that a HEAD names."""
    if head is None:
        return None
    if head.startswith(_BRANCH):
        return head.removeprefix(_BRANCH)
    return head[:8] if _COMMIT.match(head) else None


def _text(path: str) -> str | None:
    try:
        return files.read_start(path, LONGEST).decode(errors="replace").strip()
    except (OSError, ValueError):
        # A NUL in a path is a ValueError.
        return None
