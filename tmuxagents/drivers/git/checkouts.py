"""All the work trees of a repository at once: one call of git, the rest from its own files."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tmuxagents.drivers import files
from tmuxagents.drivers.git import call
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.value import Value

_LONGEST = 8192


class Repository(Value):
    """`main` is the checkout that belongs to the repository itself, its `top` empty where that is bare. `linked` are
    the others by their folders, without links on the way to them."""

    main: Checkout
    linked: Mapping[str, Checkout]

    def holder(self, branch: str) -> Checkout | None:
        """The checkout that has this branch; None where none has."""
        every = [self.main, *self.linked.values()]
        return next((one for one in every if one.top and one.branch == branch), None)


def of(common: str) -> Repository:
    """What is checked out where. `GitFailed` where there is no repository."""
    blocks = os.fsdecode(call.unasked(common, "worktree", "list", "--porcelain", "-z")).split("\0\0")
    rows = [dict(_pair(row) for row in block.split("\0") if row) for block in blocks if block.strip("\0")]
    main = _checkout(rows[0], common, common)
    admins = _admins(common)
    linked = {}
    for row in rows[1:]:
        place = os.path.realpath(row["worktree"])
        if place in admins:
            linked[place] = _checkout(row, common, admins[place])
    return Repository(main, linked)


def _pair(row: str) -> tuple[str, str]:
    key, _, value = row.partition(" ")
    return key, value


def _checkout(row: Mapping[str, str], common: str, git_dir: str) -> Checkout:
    head = row.get("HEAD", "")
    branch = row["branch"].removeprefix("refs/heads/") if "branch" in row else None
    # Before the first commit git says it with zeros.
    return Checkout(
        common, git_dir, "" if "bare" in row else row["worktree"], head if head.strip("0") else None, branch
    )


def _admins(common: str) -> dict[str, str]:
    """Where git keeps the index of each, by the folder. A folder is believed only by what the repository says."""
    place = os.path.join(common, "worktrees")
    try:
        names = os.listdir(place)
    except OSError:
        return {}
    found = {}
    for name in names:
        admin = os.path.join(place, name)
        try:
            pointer = os.fsdecode(files.read_start(os.path.join(admin, "gitdir"), _LONGEST)).removesuffix("\n")
        except (OSError, ValueError):
            continue
        found[os.path.realpath(os.path.dirname(os.path.join(admin, pointer)))] = admin
    return found
