"""Everything that a worktree holds, in one commit under a ref of ours.

Its tree has `worktree/`, the files as they lie there byte for byte, and `index/0` to `index/3`, what is staged, by
git's own stages. Its parents are the commit that is checked out and those that only the worktree's own records
still name: a branch that was reset, the steps of a rebase.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator

from tmuxagents.drivers.git import apart, call, places
from tmuxagents.drivers.git.apart import Apart
from tmuxagents.drivers.git.places import Checkout

TRASH = "refs/tmuxagents/trash"

_WITHIN = 600.0
"""Seconds: everything is read."""

_ID = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])")

SOMEBODY = {f"GIT_{role}_{what}": "tmuxagents" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
"""Who makes a commit that is ours alone."""


def keep(checkout: Checkout, ref: str, *, message: str, branch: str | None) -> str:
    """Make the commit, and the ref that keeps it; returns the commit. `GitFailed` where a file could not be read."""
    with apart.opened(checkout, exact=True) as git:
        rows = b"040000 tree %s\tindex\n040000 tree %s\tworktree\n" % (_index(git), _files(git, checkout.top))
        tree = git.run("mktree", stdin=rows).strip()
    # The branch is named itself: without `core.logAllRefUpdates` no record names where it is.
    tip = places.commit(checkout.common, f"refs/heads/{branch}") if branch is not None else None
    parents = list(dict.fromkeys(one for one in (checkout.head, tip) if one is not None))
    parents += [one for one in _elsewhere_unnamed(checkout, branch) if one not in parents]
    words = [word for parent in parents for word in ("-p", parent)]
    made = call.unasked(checkout.common, "commit-tree", *words, "-m", message, tree, env=SOMEBODY).strip().decode()
    call.unasked(checkout.common, "update-ref", ref, made, "")
    return made


def _index(git: Apart) -> bytes:
    """What is staged, also where a merge is not settled, which `write-tree` refuses."""
    rows = [row for row in git.run("ls-files", "-s", "-z").split(b"\0") if row]
    told = []
    for row in rows:
        about, _, path = row.partition(b"\t")
        mode, name, stage = about.split(b" ")
        told.append(mode + b" " + name + b" 0\t" + stage + b"/" + path + b"\0")
    fresh = os.path.join(git.git_dir, "stages")
    git.run("update-index", "-z", "--index-info", stdin=b"".join(told), index=fresh)
    # Of a partial clone not every object is here.
    return git.run("write-tree", "--missing-ok", index=fresh).strip()


def _files(git: Apart, top: str) -> bytes:
    """What lies there: tracked and untracked, but nothing that is ignored, and no repository within this one."""
    tracked = git.run("ls-files", "-z", within=_WITHIN).split(b"\0")
    untracked = git.run("ls-files", "-o", "--exclude-standard", "-z", within=_WITHIN).split(b"\0")
    names = sorted({name for name in [*tracked, *untracked] if name and _is_file(os.fsencode(top), name)})
    fresh = os.path.join(git.git_dir, "files")
    stdin = b"".join(name + b"\0" for name in names)
    git.run("update-index", "--add", "-z", "--stdin", stdin=stdin, within=_WITHIN, index=fresh)
    return git.run("write-tree", "--missing-ok", index=fresh).strip()


def _is_file(top: bytes, name: bytes) -> bool:
    """Whether git can take it: a file or a link, in folders that are none."""
    mode = places.mode_of(top, name)
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _elsewhere_unnamed(checkout: Checkout, branch: str | None) -> list[str]:
    """The commits that the worktree's own records name and no branch, tag or remote's branch has."""
    named = {name.decode() for raw in _records(checkout, branch) for name in _ID.findall(raw)}
    if not named:
        return []
    asked = "".join(f"{name}\n" for name in sorted(named)).encode()
    told = call.unasked(checkout.common, "cat-file", "--batch-check", stdin=asked).decode().split("\n")
    commits = [row.split(" ")[0] for row in told if row.split(" ")[1:2] == ["commit"]]
    if not commits:
        return []
    ours = [f"--exclude={branch}"] if branch is not None else []
    stdin = "".join(f"{name}\n" for name in commits).encode()
    words = ("rev-list", "--ignore-missing", "--stdin", "--not", *ours, "--branches", "--tags", "--remotes")
    alone = set(call.unasked(checkout.common, *words, stdin=stdin, within=120).decode().split("\n"))
    return [name for name in commits if name in alone]


def _records(checkout: Checkout, branch: str | None) -> Iterator[bytes]:
    """The texts in the worktree's own directory, and the record of its branch."""
    for folder, below, names in os.walk(checkout.git_dir):
        # The submodules' own repositories, with objects of their own.
        below[:] = [name for name in below if name != "modules"]
        for name in names:
            if not name.startswith(("index", "sharedindex.")):
                yield _read(os.path.join(folder, name))
    if branch is not None:
        yield _read(os.path.join(checkout.common, "logs", "refs", "heads", branch))


def _read(path: str) -> bytes:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def write_files(checkout: Checkout, ref: str) -> None:
    """Write every file of the commit's `worktree/` as it was; what lies there is not touched."""
    with apart.opened(checkout, exact=True) as git:
        fresh = os.path.join(git.git_dir, "files")
        git.run(
            "read-tree",
            f"{call.unasked(checkout.common, 'rev-parse', f'{ref}:worktree').decode().strip()}",
            index=fresh,
        )
        git.run("checkout-index", "--all", "--quiet", within=_WITHIN, index=fresh, good=(0, 1))
