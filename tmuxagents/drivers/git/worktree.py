"""The worktrees of a repository: made with the user's own git, found in git's own files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tmuxagents.drivers import files
from tmuxagents.drivers.git import call, places
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import GitFailed
from tmuxagents.value import Value

_LONGEST = 8192
"""Bytes that are read of a file that holds a path or a reason."""


class Registered(Value):
    """What a repository keeps of one of its worktrees: `admin` is the directory with its index and HEAD, `path` where
    its folder is or was, `reason` why it is locked, None where it is not; `owner` whose it was made as, where that was
    noted."""

    admin: str
    path: str
    reason: str | None
    owner: str | None = None


_OWNER = "tmuxagents-agent"
"""Who unlocks a worktree takes the reason away; this goes where git moves it, and is gone with it."""


def note_owner(admin: str, owner: str) -> None:
    """Note whose it is in git's own directory of it."""
    files.write_whole(Path(admin) / _OWNER, owner)


def registered(common: str) -> list[Registered]:
    """Every worktree of the repository beside the main one, whether its folder is there or not."""
    place = os.path.join(common, "worktrees")
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return []
    found = (_registered(os.path.join(place, name)) for name in names)
    return [one for one in found if one is not None]


def _registered(admin: str) -> Registered | None:
    pointer = _text(os.path.join(admin, "gitdir"))
    if pointer is None:
        return None
    path = os.path.dirname(os.path.join(admin, pointer))
    return Registered(admin, path, _text(os.path.join(admin, "locked")), _text(os.path.join(admin, _OWNER)))


def _text(path: str) -> str | None:
    try:
        return os.fsdecode(files.read_start(path, _LONGEST)).removesuffix("\n")
    except (OSError, ValueError):
        return None


def is_at(one: Registered) -> bool:
    """Whether the folder where it is said to be is that worktree."""
    admin = admin_of(one.path)
    return admin is not None and os.path.realpath(admin) == os.path.realpath(one.admin)


def claims(path: str, common: str) -> bool:
    """Whether the folder says that it is a worktree of that repository."""
    admin = admin_of(path)
    held = os.path.join(os.path.realpath(common), "worktrees")
    return admin is not None and os.path.dirname(os.path.realpath(admin)) == held


def admin_of(path: str) -> str | None:
    """git's own directory of the worktree, as its folder says; None for a main checkout."""
    pointer = _text(os.path.join(path, ".git"))
    if pointer is None or not pointer.startswith("gitdir: "):
        return None
    return os.path.join(path, pointer.removeprefix("gitdir: "))


def repair(common: str, path: str) -> None:
    """Have the repository say that the worktree is where it is."""
    call.unasked(common, "worktree", "repair", path)


def holds_branch(checkout: Checkout, branch: str) -> str | None:
    """Where that branch is checked out, or is being rebased; None where nowhere is."""
    raw = call.unasked(checkout.git_dir, "worktree", "list", "--porcelain", "-z")
    wanted = f"branch refs/heads/{branch}"
    for block in os.fsdecode(raw).split("\0\0"):
        rows = block.strip("\0").split("\0")
        if wanted in rows:
            return rows[0].removeprefix("worktree ")
    return None


def is_branch_name(name: str) -> bool:
    """Whether git takes it as the name of a branch."""
    try:
        call.unasked("/", "check-ref-format", "--branch", name)
    except GitFailed:
        return False
    # `@{-1}` is one that it would look up.
    return not name.startswith("@{")


def means_besides(common: str, name: str) -> str | None:
    """The reference that git would take the name for too, or in place of a branch: a tag, a branch of a remote."""
    refs = [f"refs/tags/{name}", f"refs/remotes/{name}", f"refs/remotes/{name}/HEAD", f"refs/{name}"]
    found = os.fsdecode(call.unasked(common, "for-each-ref", "--format=%(refname)", *refs)).splitlines()
    return next((ref for ref in refs if ref in found), None)


def of_remotes(common: str, branch: str) -> list[str]:
    """The remotes that have a branch of that name, as far as was fetched: one that `checkout.defaultRemote` names is
    the only one, as for `git worktree add`."""
    # `*` is no slash, and no name of a branch has a sign that would stand for others.
    refs = os.fsdecode(call.unasked(common, "for-each-ref", "--format=%(refname)", f"refs/remotes/*/{branch}"))
    names = [ref.removeprefix("refs/remotes/").removesuffix(f"/{branch}") for ref in refs.splitlines()]
    # What another tool keeps there (git-svn) no branch can follow.
    known = [name for name in names if _setting(common, f"remote.{name}.fetch")]
    default = _setting(common, "checkout.defaultRemote")
    return [default] if default in known else known


def _setting(common: str, key: str) -> str:
    return os.fsdecode(call.unasked(common, "config", "--get", key, good=(0, 1, 2))).removesuffix("\n")


def _own_setting(common: str, key: str) -> str:
    """What its own file says, which holds for its main checkout alone."""
    words = ("config", "--file", os.path.join(common, "config"), "--get", key)
    return os.fsdecode(call.unasked(common, *words, good=(0, 1, 2))).removesuffix("\n")


def follow(folder: str, branch: str, remote: str) -> None:
    """Have the branch follow the one of its name there: `git pull` and `git push` mean that."""
    call.asked(folder, "branch", "--quiet", f"--set-upstream-to=refs/remotes/{remote}/{branch}", branch)


def create_branch(folder: str, branch: str, commit: str, *, why: str) -> None:
    """Make the branch; `GitFailed` where there is one of that name, or one that it would be a folder of."""
    # Not `worktree add -b`: it leaves the branch behind where its checkout fails (2.39, a filter that is required).
    call.asked(folder, "update-ref", "-m", why, f"refs/heads/{branch}", commit, "")


def delete_branch(common: str, branch: str, tip: str) -> bool:
    """Delete it if it is still at that commit; False, and it stays, where it is not."""
    try:
        call.unasked(common, "update-ref", "-d", f"refs/heads/{branch}", tip)
    except GitFailed:
        return False
    return True


def lost_tip(admin: str, branch: str, first: str) -> str | None:
    """The commit of a branch that is checked out there and was deleted by hand, by the record of what was checked
    out; None where it never had one, as with `--orphan`, or nothing tells. `first` was checked out to begin with."""
    try:
        with open(os.path.join(admin, "logs", "HEAD"), "rb") as file:
            rows = os.fsdecode(file.read()).splitlines()
    except OSError:
        return None
    last, on = "", first
    for about, _, why in (row.partition("\t") for row in rows):
        ids = about.split(" ")[:2]
        # Deleted in the worktree itself, the record ends with zeros.
        last = next((one for one in reversed(ids) if one.strip("0")), last)
        if why.startswith("checkout: moving from "):
            on = why.rpartition(" to ")[2]
        elif why.startswith("Branch: renamed refs/heads/"):
            on = why.rpartition(" to refs/heads/")[2]
    return places.commit(admin, last) if last and on == branch else None


def made_with(common: str, branch: str, why: str) -> bool:
    """Whether the branch's own record says that it was made with those words."""
    first = (_text(os.path.join(common, "logs", "refs", "heads", branch)) or "").split("\n", 1)[0]
    return first.partition("\t")[2] == why


def add(folder: str, path: str, branch: str, *, reason: str) -> None:
    """Check the branch out in a new worktree that is locked from its first moment. What the user has configured is
    run. Where a hook fails, git leaves the worktree as it is and ends with the hook's own code."""
    words = ("worktree", "add", "--quiet", "--lock", "--reason", reason, "--", path, branch)
    try:
        call.settled(lambda: call.asked(folder, *words))
    except GitFailed as error:
        # Ended by a signal it is no hook that failed.
        if error.code > 0 and os.path.lexists(path):
            told = f"the hook post-checkout failed in '{path}': {error.message.removeprefix('git refused: ')}"
            raise GitFailed(told, code=error.code) from error
        raise


def write_staged(admin: str, folder: str) -> None:
    """Check out in that folder what the worktree's index has, as `git worktree add` does: with the user's filters."""
    # By name: a git that stands in the folder may note that place as the worktree's own.
    env = {"GIT_DIR": admin, "GIT_WORK_TREE": folder}
    call.asked(folder, "checkout-index", "--all", "--index", "--quiet", env=env)
    _write_unmerged(folder, env)


def _write_unmerged(folder: str, env: Mapping[str, str]) -> None:
    """As a merge leaves it: both sides in the file, or the one that there is. Without it `git add` would delete it."""
    stages: dict[bytes, set[bytes]] = {}
    rows = call.asked(folder, "ls-files", "--unmerged", "-z", env=env).split(b"\0")
    for about, _, path in (row.partition(b"\t") for row in rows if row):
        stages.setdefault(path, set()).add(about.split(b" ")[2])
    both = ("checkout", "--quiet", "--merge", "--pathspec-from-file=-", "--pathspec-file-nul")
    for sides, words in (
        ({b"2", b"3"}, ("--literal-pathspecs", *both)),
        ({b"2"}, ("checkout-index", "--quiet", "--stage=2", "-z", "--stdin")),
        ({b"3"}, ("checkout-index", "--quiet", "--stage=3", "-z", "--stdin")),
    ):
        names = [path for path, found in stages.items() if found - {b"1"} == sides]
        if names:
            call.asked(folder, *words, stdin=b"".join(path + b"\0" for path in names), env=env)


def tip(common: str, branch: str) -> str | None:
    """The commit that the branch is at; None where there is no such branch."""
    return places.commit(common, f"refs/heads/{branch}")


def main_folder(checkout: Checkout) -> str:
    """The folder that a repository is called after: its main checkout; itself where it is bare."""
    if os.path.basename(checkout.common) == ".git":
        return os.path.dirname(checkout.common)
    # In a submodule the directory is far away, inside the outer repository's `.git`.
    if checkout.top and checkout.common == checkout.git_dir:
        return checkout.top
    work_tree = _own_setting(checkout.common, "core.worktree")
    return os.path.realpath(os.path.join(checkout.common, work_tree)) if work_tree else checkout.common


def outermost(checkout: Checkout) -> str | None:
    """The main checkout of the repository that it is a submodule of, whatever lies between; None where it is none."""
    outer, inside, rest = checkout.common.partition("/.git/")
    return outer if inside and "modules/" in rest and os.path.isdir(outer) else None


def is_seen(top: str, path: str) -> bool:
    """Whether the checkout that the path lies in would show it as untracked."""
    return call.tried(top, "check-ignore", "--quiet", "--", path).code == 1
