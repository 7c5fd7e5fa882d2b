"""What git's own files say of a folder.

Read without git: `ls` asks for every agent, and git runs programs that a repository's configuration
names (`core.fsmonitor`). A repository may be anybody's, so its files are believed only as far as they
look as git writes them.
"""

from __future__ import annotations

import os
import re

from tmuxagents.drivers import files

LONGEST = 4096
"""Bytes that are read of any of them."""

_BRANCH = "ref: refs/heads/"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def branch(folder: str) -> str | None:
    """The branch checked out in a folder, the start of the commit when it is none; None outside of git."""
    place = folder
    while True:
        found = _checked_out(place)
        if found is not None:
            return found
        parent = os.path.dirname(place)
        if parent == place:
            return None
        place = parent


def repository(folder: str) -> str | None:
    """The repository that a folder is in, by the place that all its worktrees share; None outside of git."""
    place = os.path.realpath(folder)
    while True:
        git = _git_folder(place)
        if git is not None and _named(_text(os.path.join(git, "HEAD"))) is not None:
            shared = _text(os.path.join(git, "commondir"))
            return os.path.realpath(os.path.join(git, shared) if shared else git)
        parent = os.path.dirname(place)
        if parent == place:
            return None
        place = parent


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
