"""Put a worktree into the trash: everything is kept before anything is taken away.

A folder is moved, in one step and whole, and never emptied in its place. `git worktree remove` deletes ignored files
without a word, asks `git status` first and with it runs the repository's filters, and leaves half a folder where it
is killed (2.39); with `--force` it deletes the repositories of submodules, which lie in the worktree's own directory,
with every commit in them. So that directory is moved as well, and nothing is pruned.
"""

from __future__ import annotations

import errno
import os
import uuid
from typing import NamedTuple

from tmuxagents import clock
from tmuxagents.drivers.git import copies, places, snapshot, work
from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.drivers.git.work import Work
from tmuxagents.drivers.git.worktree import Registered
from tmuxagents.errors import GitFailed, Refused
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import aside, trash
from tmuxagents.services.worktrees.trash import Kept
from tmuxagents.value import replace

_TRIES = 3
"""How often a folder is read that changes meanwhile."""


def checkout_of(one: Registered, worktree: Worktree) -> Checkout:
    """The worktree, whether its folder is there or not. Where its branch was deleted, on the commit that it was at."""
    found = _checkout_of(one, worktree.repository)
    if found.head is not None or found.branch is None:
        return found
    return replace(found, head=git_worktree.lost_tip(one.admin, found.branch, worktree.branch))


def _checkout_of(one: Registered, common: str) -> Checkout:
    if git_worktree.is_at(one):
        found = places.of(one.path)
        assert found is not None, one.path
        # `core.worktree` can name any other folder as the one to be judged.
        return replace(found, top=one.path)
    # Something else may lie there by now, which is not to be judged as if it were the worktree.
    top, head = os.path.join(one.admin, "gone"), places.commit(one.admin, "HEAD")
    return Checkout(common, one.admin, top, head, places.branch(one.admin))


def put_away(
    app: App, agent: Agent, worktree: Worktree, one: Registered, *, branch: bool = True, held: Work | None = None
) -> Kept:
    """Keep everything, then move it. `branch`: with the branch that was made for the agent. `held`: what is in it,
    where somebody has looked."""
    ident = uuid.uuid4().hex[:8]
    checkout = checkout_of(one, worktree)
    there = git_worktree.is_at(one)
    own = worktree.branch if worktree.own_branch and branch else None
    kept = Kept(
        id=ident,
        agent_id=agent.id,
        agent=agent.name,
        at_ns=clock.now_ns(),
        worktree=replace(worktree, path=one.path),
        folder=os.path.normpath(os.path.join(one.path, os.path.relpath(agent.dir, worktree.path))),
        head=checkout.head,
        tip=git_worktree.tip(worktree.repository, own) if own is not None else None,
        tree=str(trash.place(app, ident) / "tree") if there else "",
        admin=one.admin,
        admin_kept=trash.kept_admin(worktree.repository, ident),
        size=weigh(one.path).total if there else 0,
        done=False,
        gone=not there,
    )
    held = held or copies.judged(work.of(checkout, None), checkout.top, one.admin)
    spare = there and held.is_only_commits
    trash.write(app, kept)
    try:
        _snapshot(checkout, kept, own)
    except BaseException:
        trash.drop(app, kept)
        raise
    kept = carry_on(app, kept)
    return _freed(app, kept) if spare else kept


def _snapshot(checkout: Checkout, kept: Kept, branch: str | None) -> None:
    message = f"tmuxagents: the worktree of {kept.agent}, on {kept.worktree.branch}"
    for attempt in range(_TRIES):
        try:
            snapshot.keep(checkout, kept.ref, message=message, branch=branch)
            return
        except GitFailed as error:
            # A file that went away between the list and the look.
            if attempt + 1 == _TRIES:
                raise Refused(
                    f"what is in '{checkout.top}' cannot be kept: {error.message}", hint="tmuxagents ls"
                ) from error


def carry_on(app: App, kept: Kept) -> Kept:
    """Take away what has been kept, from wherever it was cut off. Every step is one that happens whole or not."""
    at = Registered(kept.admin, kept.worktree.path, None)
    if kept.tree and os.path.lexists(kept.worktree.path) and git_worktree.is_at(at):
        kept = _moved(app, kept)
    if os.path.lexists(kept.admin) and not os.path.lexists(kept.admin_kept):
        os.makedirs(os.path.dirname(kept.admin_kept), mode=0o700, exist_ok=True)
        os.rename(kept.admin, kept.admin_kept)
    if kept.tip is not None and _is_free(kept):
        git_worktree.delete_branch(kept.common, kept.worktree.branch, kept.tip)
    return trash.write(app, replace(kept, done=True))


def _is_free(kept: Kept) -> bool:
    main = places.of(kept.common)
    return main is not None and git_worktree.holds_branch(main, kept.worktree.branch) is None


def _moved(app: App, kept: Kept) -> Kept:
    try:
        os.rename(kept.worktree.path, kept.tree)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The state is on another disk: a copy could miss what is written meanwhile. Beside it nothing is copied.
        kept = trash.write(app, replace(kept, tree=trash.beside(kept)))
        os.rename(kept.worktree.path, kept.tree)
    return kept


def _freed(app: App, kept: Kept) -> Kept:
    """Every file was one of its commit, or one that was brought, when we looked. If that still holds where it lies
    now, where nobody finds it by its path any more, and nobody has it open, the commit and those are enough."""
    if _somebody_is_in(kept.tree):
        return kept
    now = Checkout(kept.common, kept.admin_kept, kept.tree, kept.head, None)
    held, elsewhere = work.of(now, None), kept.tree == trash.beside(kept)
    if not (held if elsewhere else copies.judged(held, kept.tree, kept.admin_kept)).is_only_commits:
        return kept
    if not elsewhere:
        aside.lay(app, kept)
    if not _only_plain_modes(kept.tree):
        return kept
    freed = trash.write(app, replace(kept, tree=""))
    trash.delete_tree(kept.tree)
    return freed


def _only_plain_modes(folder: str) -> bool:
    """Whether a checkout would give everything the mode that it has, and no folder is empty."""
    mask = os.umask(0o077)
    os.umask(mask)
    for place, below, names in os.walk(folder):
        if not below and not names:
            return False
        folders = [os.lstat(os.path.join(place, name)).st_mode & 0o7777 for name in below if not _is_link(place, name)]
        modes = [os.lstat(os.path.join(place, name)).st_mode & 0o7777 for name in names if not _is_link(place, name)]
        if set(folders) - {0o777 & ~mask} or set(modes) - {0o666 & ~mask, 0o777 & ~mask}:
            return False
    return True


def _is_link(place: str, name: str) -> bool:
    return os.path.islink(os.path.join(place, name))


def _somebody_is_in(folder: str) -> bool:
    """Whether a process stands in the folder or has a file of it open; True where nobody can tell (no /proc)."""
    real = os.path.realpath(folder)
    processes = [f"/proc/{name}" for name in _listed("/proc") if name.isdecimal()]
    links = (link for one in processes for link in (f"{one}/cwd", *(f"{one}/fd/{fd}" for fd in _listed(f"{one}/fd"))))
    return not processes or any(_leads_into(link, real) for link in links)


def _leads_into(link: str, folder: str) -> bool:
    try:
        where = os.readlink(link)
    except OSError:
        return False
    return where == folder or where.startswith(f"{folder}/")


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


class Weight(NamedTuple):
    """Bytes on the disk in all, and the entry at the top that has the most."""

    total: int
    biggest: str
    its: int


def weigh(folder: str) -> Weight:
    """How much lies in a folder."""
    sizes: dict[str, int] = {}
    for place, _, names in os.walk(folder):
        first = os.path.relpath(place, folder).split(os.sep)[0]
        for name in names:
            try:
                size = os.lstat(os.path.join(place, name)).st_blocks * 512
            except OSError:
                continue
            key = name if first == "." else first
            sizes[key] = sizes.get(key, 0) + size
    biggest = max(sizes, key=lambda key: sizes[key], default="")
    return Weight(sum(sizes.values()), biggest, sizes.get(biggest, 0))
