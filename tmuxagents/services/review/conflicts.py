"""Whose work would conflict with whose, as it is now: found before anybody merges, with nothing configured run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tmuxagents.drivers.git import merging
from tmuxagents.drivers.git.merging import Clash
from tmuxagents.errors import Refused, TmuxagentsError, word
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
    """Of all of them; where `about` is given only pairs with one of those, and nobody of another repository is looked
    at."""
    with figures.looked(_near(agents, about)) as seen, figures.threads() as pool:
        looks = [now for _, now in seen if isinstance(now, Now)]
        made = list(pool.map(_commit, looks))
        committed = [one for one in made if isinstance(one, _Held) and one.commit is not None]
        wanted = [each for each in _tries(committed) if about is None or about & each.ids]
        tried = list(pool.map(_try, wanted))
    unseen = [(agent, now) for agent, now in seen if isinstance(now, TmuxagentsError)]
    troubles = [one for one in [*made, *tried] if isinstance(one, tuple)]
    return Found([one for one in tried if isinstance(one, Pair) and one.clashes], len(tried), [*unseen, *troubles])


def _near(agents: Sequence[Agent], about: frozenset[AgentId] | None) -> list[Agent]:
    having = [(agent, agent.worktree.repository) for agent in agents if agent.worktree is not None]
    wanted = {common for agent, common in having if about is None or agent.id in about}
    return [agent for agent, common in having if common in wanted]


class _Held(Value):
    """One, and a commit of what it holds; None where there was never one."""

    now: Now
    commit: str | None


class _Try(Value):
    """Two that are to be merged; without another one it is the branch that the first goes into."""

    one: _Held
    other: _Held | None

    @property
    def ids(self) -> frozenset[AgentId]:
        """Who is concerned."""
        return frozenset(each.now.side.agent.id for each in (self.one, self.other) if each is not None)


def _commit(now: Now) -> _Held | tuple[Agent, TmuxagentsError]:
    if now.doing is not None:
        top = word(now.side.checkout.top)
        return now.side.agent, Refused(f"{now.doing} is under way", hint=f"git -C {top} status")
    try:
        return _Held(now, now.commit())
    except TmuxagentsError as error:
        return now.side.agent, error


def _tries(known: Sequence[_Held]) -> list[_Try]:
    """Each with its branch, and each with each other of its repository."""
    alone = [_Try(one, None) for one in known if one.now.side.target is not None]
    pairs = itertools.combinations(known, 2)
    return [*alone, *(_Try(a, b) for a, b in pairs if _common(a) == _common(b))]


def _common(one: _Held) -> str:
    return one.now.side.checkout.common


def _try(pair: _Try) -> Pair | tuple[Agent, TmuxagentsError]:
    side, other = pair.one.now.side, pair.other
    theirs = other.commit if other is not None else side.target
    assert pair.one.commit is not None
    assert theirs is not None
    if any(each is not None and each.now.has_nothing for each in (pair.one, other)):
        return Pair(side.agent, other.now.side.agent if other is not None else None, side.into, [])
    try:
        clashes = merging.attempt(pair.one.now.git, pair.one.commit, theirs, hunks=True).clashes
    except TmuxagentsError as error:
        return side.agent, error
    if other is None:
        return Pair(side.agent, None, side.into, clashes)
    return Pair(side.agent, other.now.side.agent, None, clashes)
