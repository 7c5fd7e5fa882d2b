"""Which files of a checkout have been changed since a moment, committed or not. Nothing that is configured is run.

What is ignored, lies in a repository within or outside of the checkout is not seen.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tmuxagents.drivers.git import apart, call, held, work
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.value import Value

_LOOK = ("--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")


class Moment(Value):
    """`head` was checked out, None before the first commit; `loose` are the files that were not as it has them, each
    with what tells whether it was written since."""

    head: str | None
    loose: Mapping[str, str]


def now(checkout: Checkout) -> Moment | None:
    """This moment; None in the middle of a merge or a rebase, when what others have done lies about too."""
    if work.doing(checkout) is not None:
        return None
    with apart.opened(checkout) as git:
        raw = git.run("status", *_LOOK)
    top = os.fsencode(checkout.top)
    return Moment(checkout.head, {os.fsdecode(path): _mark(top, path) for path in _named(raw)})


def between(checkout: Checkout, before: Moment, after: Moment) -> list[str]:
    """The files that were changed, by their paths from the top. What came with commits that another branch has was
    done there."""
    names = {*before.loose, *after.loose}
    loose = {name for name in names if before.loose.get(name) != after.loose.get(name)}
    return sorted(loose | _committed(checkout, before.head, after.head))


def _named(raw: bytes) -> list[bytes]:
    """The files that `status` names."""
    changed, staged, untracked = held.by_kind(raw)
    return [*changed, *staged, *(path for path in untracked if not path.endswith(b"/"))]


def _mark(top: bytes, path: bytes) -> str:
    try:
        found = os.lstat(os.path.join(top, path))
    except OSError:
        return "gone"
    return f"{found.st_mode:o} {found.st_size} {found.st_mtime_ns} {found.st_ino}"


def _committed(checkout: Checkout, before: str | None, after: str | None) -> set[str]:
    if after is None or before == after:
        return set()
    # Not `--all`: that takes in the HEAD of every worktree, this one's too (2.39).
    own = [f"--exclude={checkout.branch}"] if checkout.branch is not None else []
    others = ["--not", *([before] if before is not None else []), *own, "--branches", "--remotes", "--tags"]
    made = call.unasked(checkout.common, "rev-list", "--no-merges", "--ignore-missing", after, *others)
    if not made:
        return set()
    with apart.opened(checkout) as git:
        words = ("--stdin", "--root", "-r", "-z", "--name-only", "--no-commit-id", "--no-ext-diff", "--no-textconv")
        raw = git.run("diff-tree", *words, stdin=made)
    return {os.fsdecode(path) for path in raw.split(b"\0") if path}
