"""Bring work from one branch to another, by the user's own git: their identity, hooks, signing and merge drivers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence

from tmuxagents.drivers.git import call, copied, copies, differences, places, scratch
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import GitFailed
from tmuxagents.value import Value

_REBASING = ("rebase-merge/head-name", "rebase-apply/head-name")


class Loose(Value):
    """What is not committed: `files`, from the top; `within` repositories that no commit would take; `submodules`
    with work of their own that is not committed there; `unmerged` those of the files that hold a conflict."""

    files: Sequence[str]
    within: Sequence[str]
    submodules: Sequence[str]
    unmerged: Sequence[str]

    @property
    def all(self) -> list[str]:
        """Any of it."""
        return [*self.files, *self.within, *self.submodules]


def loose(top: str, *, untracked: bool) -> Loose:
    """What their `git status` shows there."""
    words = ("--porcelain=v2", "-z", "--no-renames", f"--untracked-files={'all' if untracked else 'no'}")
    settings = ("--ignore-submodules=none",)
    raw = os.fsdecode(call.asked(top, "status", *words, *settings, env={"GIT_OPTIONAL_LOCKS": "0"}))
    files: list[str] = []
    loose_ones: list[str] = []
    within: list[str] = []
    submodules: list[str] = []
    unmerged: list[str] = []
    for row in raw.split("\0"):
        if row[:2] == "1 ":
            fields = row.split(" ", 8)
            # `S<c><m><u>`: another commit, changed files, untracked files.
            (submodules if fields[2][0] == "S" and fields[2][2:] != ".." else files).append(fields[8])
        elif row[:2] == "u ":
            unmerged.append(row.split(" ", 10)[10])
        elif row[:2] == "? ":
            (within if row.endswith("/") else loose_ones).append(row[2:])
    own = copies.others(os.fsencode(top), [os.fsencode(name) for name in loose_ones])
    return Loose([*files, *unmerged, *map(os.fsdecode, own)], within, submodules, unmerged)


def commit_all(checkout: Checkout, message: str) -> str | None:
    """Commit everything that lies there, and return the commit; None where that is what is committed already. Where
    git or a hook refuses, what was staged is as it was."""
    index = os.path.join(checkout.git_dir, "index")
    with open(index, "rb") as file:
        before = file.read()
    try:
        call.asked(checkout.top, "add", "--all", "--", ":/", *_brought(checkout))
        if not call.asked(checkout.top, "diff-index", "--cached", "--raw", "HEAD"):
            _put_back(index, before)
            return None
        call.asked(checkout.top, "commit", "--quiet", "--file=-", stdin=message.encode())
    except BaseException:
        _put_back(index, before)
        raise
    return call.asked(checkout.top, "rev-parse", "HEAD").decode().strip()


def _brought(checkout: Checkout) -> list[str]:
    """What was brought from the main checkout and is as it was is nobody's work. What is ignored must not be named:
    `add` refuses then, also where it is to be left out (2.39)."""
    ours = copies.are_ours(checkout.top, known := copies.brought(checkout.git_dir), known)
    if not ours:
        return []
    asked = b"\0".join(map(os.fsencode, sorted(ours)))
    ignored = call.asked(checkout.top, "check-ignore", "-z", "--stdin", stdin=asked, good=(0, 1)).split(b"\0")
    return [f":(top,literal,exclude){path}" for path in sorted(ours - set(map(os.fsdecode, ignored)))]


def _put_back(index: str, before: bytes) -> None:
    """As git replaces an index: nobody else does so meanwhile."""
    with contextlib.suppress(FileExistsError):
        with open(f"{index}.lock", "xb") as file:
            file.write(before)
        os.rename(f"{index}.lock", index)


def is_rebased(common: str, branch: str) -> str | None:
    """The folder of git's in which that branch is being rebased, which would move it back; None where nowhere is."""
    place = os.path.join(common, "worktrees")
    names = os.listdir(place) if os.path.isdir(place) else []
    for admin in [common, *(os.path.join(place, name) for name in names)]:
        for name in _REBASING:
            try:
                with open(os.path.join(admin, name), "rb") as file:
                    if os.fsdecode(file.read()).strip() == f"refs/heads/{branch}":
                        return admin
            except OSError:
                continue
    return None


def subjects(common: str, base: str, head: str) -> list[str]:
    """The first lines of the commits between, the oldest first."""
    raw = call.asked(common, "log", "--reverse", "--no-show-signature", "--format=%s", "-z", f"{base}..{head}")
    return [row.decode(errors="replace") for row in raw.split(b"\0") if row]


def checked_message(top: str, message: str) -> str:
    """The message as their `commit-msg` hook leaves it; `GitFailed` where that refuses."""
    with scratch.folder() as folder:
        path = os.path.join(folder, "MESSAGE")
        with open(path, "w", encoding="utf-8") as file:
            file.write(message.rstrip("\n") + "\n")
        call.asked(top, "hook", "run", "--ignore-missing", "commit-msg", "--", path)
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()


def commit_tree(top: str, tree: str, parents: Sequence[str], message: str) -> str:
    """A commit of that tree, theirs, and signed where they sign. No branch has it yet."""
    sign = call.asked(top, "config", "--type=bool", "--get", "commit.gpgSign", good=(0, 1)).strip() == b"true"
    words = [word for parent in parents for word in ("-p", parent)]
    made = call.asked(top, "commit-tree", *(["-S"] if sign else []), *words, "-F", "-", tree, stdin=message.encode())
    return made.decode().strip()


def in_the_way(git: copied.Copied, checkout: Checkout, new: str) -> list[str]:
    """What lies there, and is in no commit, where a file of that commit or tree would be put, which that git sees."""
    assert checkout.head is not None
    changes = differences.between(git, checkout.head, new)
    gone = {change.path for change in changes if change.status == "D"} | {change.before for change in changes}
    put = [change.path for change in changes if change.status in "ARC"]
    found = (_blocking(os.fsencode(checkout.top), path, gone) for path in put)
    return list(dict.fromkeys(os.fsdecode(path) for path in found if path is not None))


def _blocking(top: bytes, path: bytes, gone: Collection[bytes | None]) -> bytes | None:
    parts = path.split(b"/")
    for count in range(1, len(parts)):
        above = b"/".join(parts[:count])
        place = os.path.join(top, above)
        if os.path.lexists(place) and (os.path.islink(place) or not os.path.isdir(place)):
            return None if above in gone else above
    place = os.path.join(top, path)
    if not os.path.lexists(place):
        return None
    # A folder whose files all go makes room.
    held = list(_below(top, path)) if os.path.isdir(place) and not os.path.islink(place) else [path]
    return next((name for name in held if name not in gone), None)


def _below(top: bytes, path: bytes) -> Iterator[bytes]:
    for folder, _, names in os.walk(os.path.join(top, path)):
        yield from (os.path.relpath(os.path.join(folder, name), top) for name in names)


def move_branch(common: str, branch: str, new: str, old: str, *, why: str) -> None:
    """Have a branch that is checked out nowhere at that commit; `GitFailed` where it is not at `old` any more."""
    call.asked(common, "update-ref", "-m", why, f"refs/heads/{branch}", new, old)


def move_checkout(checkout: Checkout, new: str) -> None:
    """Have the branch that is checked out there, and its files, at that commit. `GitFailed`, and nothing is changed,
    where it has gone on or a file would be overwritten, one that is ignored too."""
    top, branch = checkout.top, checkout.branch
    # Not `--short`: beside a tag of that name it says `heads/main`.
    now = os.fsdecode(call.asked(top, "symbolic-ref", "--quiet", "HEAD", good=(0, 1))).strip()
    if now != f"refs/heads/{branch}":
        raise GitFailed(f"'{top}' has another branch checked out by now", hint="tmuxagents diff")
    # By default git overwrites what is ignored without a word (2.39).
    words = ("--ff-only", "--no-squash", "--no-overwrite-ignore", "--no-autostash", "--no-stat")
    call.asked(top, "merge", "--quiet", *words, new)
    if places.commit(top, "HEAD") != new:
        raise GitFailed(f"git has not moved '{branch}'", hint="tmuxagents diff")
