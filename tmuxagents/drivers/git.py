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


def _checked_out(place: str) -> str | None:
    git = os.path.join(place, ".git")
    pointer = _text(git)
    if pointer is not None:
        # A worktree's or submodule's `.git` is a file that points to the real one.
        if not pointer.startswith("gitdir: "):
            return None
        git = os.path.join(place, pointer.removeprefix("gitdir: "))
    head = _text(os.path.join(git, "HEAD"))
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
