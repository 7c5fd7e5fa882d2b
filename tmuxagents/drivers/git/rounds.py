"""What a reviewer was shown of an agent's work, kept so that the next time only what is new is shown.

It is one tree with three in it: `now/`, what lay in the work tree, `shown/`, what it was compared with, and `from/`,
what the work began on, which in a later round is something else. A ref of ours names it, in the repository itself:
there `git gc` keeps whatever of it a rebase of the agent's has left behind, which a store beside the repository would
lose. It is no commit, so no log shows it, and no branch or tag, so a push takes it only with `--mirror`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Literal

from tmuxagents.drivers.git import call, copied, differences, held, merging
from tmuxagents.drivers.git.copied import Copied
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.drivers.git.snapshot import SOMEBODY
from tmuxagents.errors import GitFailed

_REFS = "refs/tmuxagents/review"

Which = Literal["shown", "last"]
"""`shown` is what somebody looks at or looked at, `last` what was commented on."""

_WORDS = ("--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/")
"""A review is read line by line: what another program would show in a file's place has other lines."""


def keep(checkout: Checkout, owner: str, began: str | None, before: str | None) -> str:
    """Keep what lies there as `shown`, with what the work began on and what it is compared with, commits or trees;
    returns its name."""
    with copied.opened(checkout, keep=True) as git:
        trees = {"now": held.look(git, checkout.top).tree, "from": _tree(git, began), "shown": _tree(git, before)}
        rows = "".join(f"040000 tree {tree}\t{name}\n" for name, tree in trees.items())
        made = git.run("mktree", "--missing", stdin=rows.encode()).strip().decode()
    name(checkout, owner, "shown", made)
    return made


def _tree(git: Copied, named: str | None) -> str:
    if named is None:
        # The empty one is known to git without being there, and `git fsck` would miss it.
        return git.run("mktree").strip().decode()
    return git.run("rev-parse", "--verify", "--end-of-options", f"{named}^{{tree}}").strip().decode()


def name(checkout: Checkout, owner: str, which: Which, kept: str) -> None:
    """Have it named so."""
    call.unasked(checkout.common, "update-ref", f"{_REFS}/{owner}/{which}", kept)


def named(checkout: Checkout, owner: str, which: Which) -> str | None:
    """What is named so; None where nothing is."""
    words = ("rev-parse", "--verify", "--quiet", f"{_REFS}/{owner}/{which}^{{tree}}")
    return call.unasked(checkout.common, *words, good=(0, 1, 128)).decode().strip() or None


def is_there(checkout: Checkout, kept: str) -> bool:
    """Whether it can still be read."""
    return all(part(checkout, kept, which) is not None for which in ("shown", "now"))


def part(checkout: Checkout, kept: str, which: str) -> str | None:
    """The tree of that name in it; None where it is not there any more."""
    words = ("rev-parse", "--verify", "--quiet", f"{kept}:{which}")
    return call.unasked(checkout.common, *words, good=(0, 1, 128)).decode().strip() or None


def diff(checkout: Checkout, kept: str) -> bytes:
    """From the one to the other, as the user's git writes it but for what is not made of the files' own lines."""
    words = ("-c", "core.quotePath=false", "diff", *_WORDS, f"{kept}:shown", f"{kept}:now", "--")
    return Copied(checkout.top, {}).run(*words)


def carried(checkout: Checkout, kept: str, began: str | None) -> str | None:
    """The `now` of it, as it would be if the work had begun elsewhere: what a rebase or a merge took over from there is
    nothing new of the agent's. Itself where that conflicts; None where it is not there any more."""
    now, old = part(checkout, kept, "now"), part(checkout, kept, "from")
    if now is None or old is None:
        return None
    with copied.opened(checkout) as git:
        new = _tree(git, began)
        if new == old:
            return now
        first = _commit(git, old)
        outcome = merging.attempt(git, _commit(git, now, first), _commit(git, new, first))
        if outcome.tree is None or not outcome.is_clean:
            return now
        # Of the store that is deleted, without the commits: the repository has none of ours, not even unnamed.
        pack = git.run("pack-objects", "--quiet", "--revs", "--local", "--stdout", stdin=f"{outcome.tree}\n".encode())
    Copied(checkout.top, {}).run("unpack-objects", "-q", stdin=pack)
    return outcome.tree


def _commit(git: Copied, tree: str, *parents: str) -> str:
    words = [word for parent in parents for word in ("-p", parent)]
    return git.run("commit-tree", tree, *words, "-m", "round", env=SOMEBODY).strip().decode()


def changed_since(checkout: Checkout, kept: str) -> Collection[bytes]:
    """The files that are not as they were when it was kept, by their names then and now."""
    with copied.opened(checkout) as git:
        now = held.look(git, checkout.top).tree
        changes = differences.between(git, f"{kept}:now", now)
    return {path for change in changes for path in (change.path, change.before) if path is not None}


def forget(common: str, owner: str) -> None:
    """Have nothing of that owner named any more; a repository that is gone names nothing."""
    for which in ("shown", "last"):
        with contextlib.suppress(GitFailed):
            call.unasked(common, "update-ref", "-d", f"{_REFS}/{owner}/{which}")
