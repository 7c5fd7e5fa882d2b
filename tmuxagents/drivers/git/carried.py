"""What a checkout holds now, taken to lay it into a new one: its commit checked out, the rest uncommitted.

The first is only read, by git with a copy of its index and a store of objects that is gone afterwards. Files are taken
and laid as they lie there, byte for byte, whatever filters there are.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from tmuxagents.drivers.git import apart, held, places
from tmuxagents.drivers.git.apart import Apart
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.value import Value, replace

T = TypeVar("T")

_TRIES = 4
"""How often it is taken anew where it was written to meanwhile."""

_WITHIN = 600.0
"""Seconds: everything that is loose is read."""


class Taken(Value):
    """`loose` are the files that are not as the commit `head` has them, `within` repositories that are left out.
    `settled`: nothing was changed while it was read. Good as long as `taken` is open."""

    head: str | None
    tree: str
    loose: Sequence[bytes]
    within: Sequence[bytes]
    settled: bool
    store: str


@contextlib.contextmanager
def taken(folder: str, also: Callable[[], T]) -> Iterator[tuple[Taken, T]]:
    """What the checkout around the folder holds, and what `also` answers, of one moment where that can be: it is asked
    between two looks that see the same."""
    for count in range(_TRIES):
        checkout = places.of(folder)
        assert checkout is not None
        with apart.opened(checkout, exact=True, scratch=True) as git:
            first = held.look(git, checkout.top)
            answer = also()
            settled = _is_as(git, checkout, folder, first.tree)
            if settled or count == _TRIES - 1:
                store = git.env["GIT_OBJECT_DIRECTORY"]
                yield Taken(checkout.head, first.tree, first.loose, first.within, settled, store), answer
                return


def _is_as(git: Apart, checkout: Checkout, folder: str, tree: str) -> bool:
    return places.commit(folder, "HEAD") == checkout.head and held.look(git, checkout.top).tree == tree


def lay(state: Taken, into: Checkout) -> int:
    """Have the files of a checkout of that commit, in which nobody works yet, as they were taken; how many were not as
    the commit has them. Its index stays: what was staged is not."""
    top = os.fsencode(into.top)
    for path in state.loose:
        mode = places.mode_of(top, path)
        if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
            os.unlink(os.path.join(top, path))
    with apart.opened(into, exact=True, store=state.store) as git:
        index = os.path.join(git.git_dir, "files")
        git.run("read-tree", state.tree, index=index)
        rows = (row.partition(b"\t") for row in git.run("ls-files", "-s", "-z", index=index).split(b"\0") if row)
        # Of a submodule only its repository could check a commit out.
        files = {path for about, _, path in rows if not about.startswith(b"160000")}
        there = [path for path in state.loose if path in files]
        stdin = b"".join(path + b"\0" for path in there)
        git.run("checkout-index", "--force", "--quiet", "-z", "--stdin", stdin=stdin, within=_WITHIN, index=index)
    _drop_empty(top, state.loose)
    return len(state.loose)


def take_back(state: Taken, from_: Checkout) -> None:
    """Have it as its commit has it again, if nothing lies there but what was laid."""
    with apart.opened(from_, exact=True, store=state.store) as git:
        untouched = held.look(git, from_.top).tree == state.tree
    if untouched and state.head is not None:
        lay(replace(state, tree=state.head), from_)


def _drop_empty(top: bytes, loose: Sequence[bytes]) -> None:
    """The folders of which nothing is left, as git would."""
    for path in sorted(loose, reverse=True):
        place = os.path.dirname(path)
        while place and stat.S_ISDIR(places.mode_of(top, place)):
            try:
                os.rmdir(os.path.join(top, place))
            except OSError:
                break
            place = os.path.dirname(place)
