"""What a worktree holds that is nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tmuxagents.drivers.git import apart, call, places
from tmuxagents.drivers.git.apart import Apart
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.model.worktree import Landed
from tmuxagents.value import Value, replace

_DOING = {
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_START": "a bisect",
    "BISECT_LOG": "a bisect",
}


class Work(Value):
    """Names as git has them, as paths from the top. `ignored` may hold whole folders, with a slash behind; so may
    `untracked`, for repositories of their own. `submodules` are those that were initialised here, `used` those of them
    that hold what their remotes have not. `copies` were brought from the main checkout, and have changed."""

    changed: Sequence[str]
    untracked: Sequence[str]
    ignored: Sequence[str]
    submodules: Sequence[str]
    used: Sequence[str]
    commits: int
    stashes: int
    doing: str | None
    copies: Sequence[str] = ()

    def reasons(self) -> list[str]:
        """What would be lost, in words; empty where nothing would be. Ignored files are no reason: they are kept."""
        told = [
            f"{self.doing} under way" if self.doing else "",
            _some(self.changed, "changed file"),
            _some(self.untracked, "untracked file"),
            _some(self.copies, "changed copy", "changed copies"),
            f"{self.commits} {_s(self.commits, 'commit')} on no other branch" if self.commits else "",
            f"{self.stashes} {_s(self.stashes, 'stash', 'stashes')} of its branch" if self.stashes else "",
            _some(self.used, "submodule with work"),
        ]
        return [words for words in told if words]

    @property
    def is_only_commits(self) -> bool:
        """Whether every file in the folder is one of the commit that is checked out."""
        return not (self.changed or self.untracked or self.ignored or self.submodules or self.doing)


def _some(names: Sequence[str], what: str, several: str = "") -> str:
    return f"{len(names)} {_s(len(names), what, several)} ('{names[0]}')" if names else ""


def _s(count: int, one: str, several: str = "") -> str:
    return one if count == 1 else several or f"{one}s"


def of(checkout: Checkout, own_branch: str | None, landed: Landed | None = None) -> Work:
    """What is there now. Commits are elsewhere when another branch than `own_branch`, a tag or a remote's branch has
    them, or what they were squashed into."""
    # What a filter made is compared without it where its time does not settle it: a file as old as the index, by
    # whole seconds (Debian's git is built without USE_NSEC), counts as changed until any `git status` has looked.
    with apart.opened(checkout) as git:
        _see_everything(git, checkout.top)
        words = ("--porcelain=v2", "-z", "--untracked-files=all", "--ignored=matching", "--no-renames")
        # Into a submodule git would go with that one's configuration.
        raw = git.run("status", *words, "--ignore-submodules=all", within=300)
        submodules = _submodules(git, checkout.top)
    changed, untracked, ignored = _sorted(os.fsdecode(raw), gone=not os.path.isdir(checkout.top))
    return Work(
        changed,
        untracked,
        ignored,
        submodules,
        [path for path in submodules if _is_used(os.path.join(checkout.top, path), checkout)],
        commits(checkout, own_branch, landed),
        stashes(checkout, own_branch),
        doing(checkout),
    )


def doing(checkout: Checkout) -> str | None:
    """What is under way there and not finished, in words."""
    there = (words for name, words in _DOING.items() if os.path.lexists(os.path.join(checkout.git_dir, name)))
    return next(there, None)


def _see_everything(git: Apart, top: str) -> None:
    """`assume-unchanged` and `skip-worktree` have `git status` look away from a file, whatever became of it."""
    rows = [row for row in git.run("ls-files", "-v", "-z").split(b"\0") if row]
    hidden = [row[2:] for row in rows if row[:1] == b"S" or row[:1].islower()]
    there = [path for path in hidden if os.path.lexists(os.path.join(os.fsencode(top), path))]
    if there:
        names = b"".join(path + b"\0" for path in there)
        for flag in ("--no-assume-unchanged", "--no-skip-worktree"):
            git.run("update-index", flag, "-z", "--stdin", stdin=names)


def _sorted(raw: str, *, gone: bool) -> tuple[list[str], list[str], list[str]]:
    """Where the folder is gone, what is staged is the work that is left."""
    changed, untracked, ignored = [], [], []
    for row in raw.split("\0"):
        if row[:1] == "u" or (row[:1] == "1" and not (gone and row[2] == ".")):
            changed.append(row.split(" ", 8 if row[0] == "1" else 10)[-1])
        elif row[:2] == "? ":
            untracked.append(row[2:])
        elif row[:2] == "! ":
            ignored.append(row[2:])
    return changed, untracked, ignored


def _submodules(git: Apart, top: str) -> list[str]:
    rows = os.fsdecode(git.run("ls-files", "-s", "-z")).split("\0")
    links = [row.partition("\t")[2] for row in rows if row.startswith("160000 ")]
    return [path for path in links if os.path.lexists(os.path.join(top, path, ".git"))]


def _is_used(folder: str, outer: Checkout) -> bool:
    """Its repository lies in the worktree's own directory, with branches that nobody else has."""
    inner = places.of(folder)
    if inner is None or inner.git_dir == outer.git_dir:
        # What its `.git` leads to is no repository, or this one.
        return True
    held = of(replace(inner, top=folder), None)
    if held.changed or held.untracked or held.used or held.doing:
        return True
    # Of the stash too, which is one of all its references.
    words = ("rev-list", "--count", "--ignore-missing", "--all", "HEAD", "--not", "--remotes")
    return int(call.unasked(inner.git_dir, *words, within=120)) > 0


def commits(checkout: Checkout, own_branch: str | None, landed: Landed | None = None) -> int:
    """How many commits of the checkout and of its own branch nothing else has. Those that were `landed` count as
    elsewhere as long as what was made of them is."""
    tips = [checkout.head] if checkout.head else []
    if own_branch is not None:
        tips.append(f"refs/heads/{own_branch}")
    if not tips:
        return 0
    # Not `--all`: that takes in the HEAD of every worktree, this one's too (2.39).
    ours = [f"--exclude={own_branch}"] if own_branch is not None else []
    others = ["--not", *ours, "--branches", "--tags", "--remotes"]
    # A commit that is missing would not be counted, as if it were elsewhere.
    made = landed is not None and places.commit(checkout.common, landed.commit) == landed.commit
    if landed is not None and made and not _count(checkout, landed.commit, *others):
        others.append(landed.tip)
    return _count(checkout, *tips, *others)


def _count(checkout: Checkout, *words: str) -> int:
    return int(call.unasked(checkout.common, "rev-list", "--count", "--ignore-missing", *words, within=120))


def stashes(checkout: Checkout, own_branch: str | None) -> int:
    """How many entries of the stash, which all worktrees share, were made on its branch."""
    branch = own_branch or checkout.branch
    if branch is None:
        return 0
    try:
        with open(os.path.join(checkout.common, "logs", "refs", "stash"), "rb") as file:
            rows = os.fsdecode(file.read()).split("\n")
    except OSError:
        return 0
    return sum(row.partition("\t")[2].startswith((f"WIP on {branch}: ", f"On {branch}: ")) for row in rows)
