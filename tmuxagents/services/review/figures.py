"""What each agent's work comes to: its files, commits, and whether it merges. Nothing that is configured is run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tmuxagents import clock
from tmuxagents.drivers.git import apart, call, differences, held, merging, snapshot, work
from tmuxagents.drivers.git.apart import Apart
from tmuxagents.drivers.git.differences import Change
from tmuxagents.drivers.git.held import Held, Most
from tmuxagents.drivers.git.merging import Outcome
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import GitFailed, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.services.review import sides
from tmuxagents.services.review.sides import Side
from tmuxagents.value import Value


class Now(Value):
    """A side as it is at this moment. `git` sees the objects of its repository and those that were made to look.
    `doing`, in words, is what is under way there: what lies there is half of it, and nobody's work."""

    side: Side
    git: Apart
    held: Held
    doing: str | None = None

    @property
    def has_nothing(self) -> bool:
        """Whether there is nothing that its branch has not: nothing was done yet, or all of it has landed."""
        side = self.side
        return not self.held.loose and side.base is not None and side.base == side.checkout.head

    def commit(self) -> str | None:
        """One of all that it holds, uncommitted work included; None where nothing was ever committed."""
        head = self.side.checkout.head
        if head is None or not self.held.loose:
            return head
        named = Apart(self.git.git_dir, {**self.git.env, **snapshot.SOMEBODY})
        return named.run("commit-tree", self.held.tree, "-p", head, "-m", "now").strip().decode()


class Figures(Value):
    """`merges` is None where there is nothing to merge into, or while something is under way there: `doing`, as in
    `Now`; `commits` those that are not in the base."""

    side: Side
    held: Held
    changes: Sequence[Change]
    commits: int
    merges: Outcome | None
    changed_ns: int | None
    doing: str | None = None


Guard = Callable[[Agent], contextlib.AbstractContextManager[object]]


def threads() -> ThreadPoolExecutor:
    """As many as there are cores: what they wait for is git."""
    return ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1))


@contextlib.contextmanager
def looked(
    agents: Sequence[Agent],
    *,
    guard: Guard = lambda agent: contextlib.nullcontext(),
    most: Most | None = None,
    one_by_one: bool = False,
) -> Iterator[list[tuple[Agent, Now | TmuxagentsError]]]:
    """What each that has a worktree holds now; good as long as this is open. `guard` is held while one is looked at,
    or raises why it is not; `most` is what is looked at in one. `one_by_one` takes one core, and no thread that an
    end of the process would wait for."""
    with contextlib.ExitStack() as stack:
        each: sides.Each = map if one_by_one else stack.enter_context(threads()).map
        found = sides.find(agents, each=each)
        commons = {side.checkout.common for _, side in found if isinstance(side, Side)}
        stores = {common: stack.enter_context(apart.stored(common)) for common in commons}
        several = {side.checkout.common: side.checkout for _, side in found if isinstance(side, Side)}
        settings = {common: _shared_settings(checkout) for common, checkout in several.items()}

        def see(pair: tuple[Agent, sides.Found]) -> tuple[Agent, Now | TmuxagentsError]:
            agent, side = pair
            if isinstance(side, TmuxagentsError):
                return agent, side
            try:
                with guard(agent):
                    common = side.checkout.common
                    git = stack.enter_context(
                        apart.opened(side.checkout, store=stores[common], settings=settings[common])
                    )
                    holds = held.look(git, side.checkout.top, most, unfiltered=git.filters)
                    return agent, Now(side, git, holds, under_way(side.checkout, holds))
            except TmuxagentsError as error:
                return agent, error
            except OSError as error:
                # It went away meanwhile, or there is no room to look.
                return agent, GitFailed(f"'{side.checkout.top}' cannot be looked at: {error.strerror or error}")

        yield list(each(see, found))


def under_way(checkout: Checkout, holds: Held) -> str | None:
    """In words; None where nothing is. What `git stash pop` could not merge has no name of its own."""
    return work.doing(checkout) or ("a merge" if holds.unmerged else None)


def _shared_settings(checkout: Checkout) -> Mapping[str, str] | None:
    with contextlib.suppress(TmuxagentsError):
        return apart.shared_settings(checkout)
    # Each asks for itself, and says why.
    return None


def of(agents: Sequence[Agent]) -> list[tuple[Agent, Figures | TmuxagentsError]]:
    """Those of each that has a worktree, or why there are none."""

    def judged(pair: tuple[Agent, Now | TmuxagentsError]) -> tuple[Agent, Figures | TmuxagentsError]:
        agent, now = pair
        if isinstance(now, TmuxagentsError):
            return agent, now
        try:
            return agent, judge(now)
        except TmuxagentsError as error:
            return agent, error

    with looked(agents) as seen, threads() as pool:
        return list(pool.map(judged, seen))


def judge(now: Now) -> Figures:
    """What it comes to."""
    side, head = now.side, now.side.checkout.head
    before = side.base or differences.empty(now.held.tree)
    changes = differences.between(now.git, before, now.held.tree)
    count, at_ns = _commits(side, head) if head is not None else (0, None)
    times = [time for time in (at_ns, now.held.newest_ns) if time is not None]
    merges = against_target(now) if now.doing is None else None
    return Figures(side, now.held, changes, count, merges, max(times, default=None), now.doing)


def _commits(side: Side, head: str) -> tuple[int, int | None]:
    """How many there are, and when the last of them was made; None without one."""
    if side.own is not None:
        return side.own.count, side.own.newest_s * clock.SECOND if side.own.newest_s is not None else None
    words = ["rev-list", "--format=%ct", "--no-commit-header", head, *([f"^{side.base}"] if side.base else [])]
    times = call.unasked(side.checkout.common, *words).split()
    return len(times), int(times[0]) * clock.SECOND if times else None


def against_target(now: Now) -> Outcome | None:
    """What merging it into its branch would come to."""
    target = now.side.target
    if target is None or now.side.checkout.head is None:
        return None
    if target == now.side.base:
        # Nothing has happened there since.
        return Outcome(now.held.tree, [])
    commit = now.commit()
    assert commit is not None
    return merging.attempt(now.git, target, commit)
