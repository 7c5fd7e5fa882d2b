"""Whose work would conflict with whose, as it is now: found before anybody merges, with nothing configured run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tmuxagents.drivers.git import merging
from tmuxagents.drivers.git.merging import Clash
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.review import figures
from tmuxagents.services.review.figures import Now
from tmuxagents.value import Value


class Pair(Value):
    """One, and with whom it conflicts: another agent, or else the branch `into` which it goes. In hunks the one's
    lines are ours."""

    one: Agent
    other: Agent | None
    into: str | None
    clashes: Sequence[Clash]


class Found(Value):
    """The pairs that conflict, of how many; `unseen` are those whose work could not be looked at, and why."""

    pairs: Sequence[Pair]
    tried: int
    unseen: Sequence[tuple[Agent, TmuxagentsError]]


def find(agents: Sequence[Agent], about: frozenset[AgentId] | None = None) -> Found:
    """Of all of them; where `about` is given only pairs with one of those."""
    with figures.looked(agents) as seen, figures.threads() as pool:
        looks = [now for _, now in seen if isinstance(now, Now) and now.commit is not None]
        unseen = [(agent, now) for agent, now in seen if isinstance(now, TmuxagentsError)]
        wanted = [each for each in _tries(looks) if about is None or about & {now.side.agent.id for now in each if now}]
        tried = list(pool.map(_try, wanted))
    troubles = [one for one in tried if isinstance(one, tuple)]
    return Found([one for one in tried if isinstance(one, Pair) and one.clashes], len(tried), [*unseen, *troubles])


def _tries(looks: Sequence[Now]) -> list[tuple[Now, Now | None]]:
    """Each with its branch, and each with each other of its repository."""
    alone = [(now, None) for now in looks if now.side.target is not None]
    pairs = itertools.combinations(looks, 2)
    return [*alone, *((a, b) for a, b in pairs if a.side.checkout.common == b.side.checkout.common)]


def _try(pair: tuple[Now, Now | None]) -> Pair | tuple[Agent, TmuxagentsError]:
    one, other = pair
    into = one.side.into if other is None else None
    theirs = other.commit if other is not None else one.side.target
    assert one.commit is not None
    assert theirs is not None
    try:
        clashes = merging.attempt(one.git, one.commit, theirs, hunks=True).clashes
    except TmuxagentsError as error:
        return one.side.agent, error
    return Pair(one.side.agent, other.side.agent if other is not None else None, into, clashes)
