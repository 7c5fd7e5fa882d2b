"""Measure what the agents of a repository have done, unasked, and record who conflicts: each beginning is told once.

All are looked at, and only what has changed since is tried: what each held is recorded with what came of it. So it
makes no difference who is killed when, or who looks again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from tmuxagents import clock
from tmuxagents.drivers.git import call, merging
from tmuxagents.drivers.git.held import Most
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.measured import Measured
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.review import figures, telling
from tmuxagents.services.review.figures import Figures, Now
from tmuxagents.services.review.telling import News, Tried
from tmuxagents.services.worktrees import looking
from tmuxagents.store import agents, measured
from tmuxagents.value import Value, replace

AGENTS = 40
"""So many of one repository at most, the newest; `conflicts` tries all."""

MOST = Most(files=5_000, size=200_000_000)

TRIES = 5
"""So many times in a row it is looked whether a trouble has passed; then when something changes."""

WHOLE_S = 60.0
"""After so many seconds nothing more is begun; the rest is tried the next time."""


class Outcome(Value):
    """`checkouts` are the directories in which git writes when something changes there, of the repository and of
    each; `left` says that not all was tried, `failed` that something could not be and is worth another look."""

    checkouts: Sequence[str]
    left: bool = False
    failed: bool = False


class _Look(Value):
    """What one holds, and the word for it: the same word, the same work."""

    now: Now
    commit: str | None
    sign: str

    @property
    def sign_alone(self) -> str:
        """The word for it whatever has become of its branch."""
        return f"{self.now.side.checkout.head}:{self.now.held.tree}"

    @property
    def agent(self) -> Agent:
        return self.now.side.agent


def measure(app: App, common: str) -> Outcome:
    """Look at every agent that has a worktree of that repository. Runs git beside whoever works there, and nothing
    that is configured."""
    end = clock.monotonic() + WHOLE_S
    known, before = _agents(app, common), measured.figures(app.db)
    # One that hangs takes its time from nobody else.
    known.sort(key=lambda agent: before.get(agent.id, Measured()).failed)
    news, left = News(), False
    with figures.looked(known, guard=partial(_guard, app, end), most=MOST, one_by_one=True) as seen:
        looks: list[_Look] = []
        for agent, now in seen:
            try:
                if isinstance(now, TmuxagentsError):
                    raise now
                looks.append(_look(now))
            except Refused:
                left = True
            except TmuxagentsError as error:
                news.troubles[agent.id] = error.message
        left |= _measured(app, looks, before, news, end)
        left |= _tried(app, looks, news, end)
        checkouts = [common, os.path.join(common, "refs", "heads"), *(look.now.side.checkout.git_dir for look in looks)]
    telling.record(app, known, before, news)
    again = [before.get(agent_id, Measured()).failed + 1 < TRIES for agent_id in news.troubles]
    return Outcome(checkouts, left, any(again))


def _agents(app: App, common: str) -> list[Agent]:
    # Of one that is claimed the worktree is only just being made.
    begun = [agent for agent in agents.known(app.db) if agent.worktree is not None and agent.phase != "claimed"]
    return [agent for agent in begun if agent.worktree is not None and agent.worktree.repository == common][-AGENTS:]


@contextlib.contextmanager
def _guard(app: App, end: float, agent: Agent) -> Iterator[None]:
    if clock.monotonic() > end:
        raise Refused("there was no time for it")
    with looking.at(app, agent):
        yield


def _look(now: Now) -> _Look:
    side = now.side
    words = (side.checkout.head, now.held.tree, side.target, side.checkout.branch, *([now.doing] if now.doing else []))
    return _Look(now, now.commit(), ":".join(map(str, words)))


def _measured(app: App, looks: Sequence[_Look], before: Mapping[AgentId, Measured], news: News, end: float) -> bool:
    """Figures of each; those of what is as it was are the same, and new. True where there was no time for all."""
    signs, _ = measured.signs(app.db)
    for look in looks:
        agent_id, was = look.agent.id, before.get(look.agent.id)
        if was is not None and was.at_ns and signs.get(agent_id) == look.sign:
            news.figures[agent_id] = (replace(was, at_ns=clock.now_ns(), trouble=None, failed=0), look.sign)
        elif clock.monotonic() > end:
            return True
        else:
            try:
                news.figures[agent_id] = (_figures(figures.judge(look.now)), look.sign)
            except TmuxagentsError as error:
                news.troubles[agent_id] = error.message
    return False


def _figures(found: Figures) -> Measured:
    side = found.side
    return Measured(
        at_ns=clock.now_ns(),
        branch=side.checkout.branch,
        into=side.into,
        ahead=found.commits,
        behind=_behind(found),
        files=len(found.changes),
        insertions=sum(change.insertions or 0 for change in found.changes),
        deletions=sum(change.deletions or 0 for change in found.changes),
        uncommitted=len(found.held.loose),
        merges=found.merges.is_clean if found.merges is not None else None,
        changed_ns=found.changed_ns,
    )


def _behind(found: Figures) -> int | None:
    side = found.side
    if side.target is None or side.base is None:
        return None
    if side.target == side.base:
        return 0
    return int(call.unasked(side.checkout.common, "rev-list", "--count", side.target, f"^{side.base}"))


def _tried(app: App, looks: Sequence[_Look], news: News, end: float) -> bool:
    """Every pair of which one has changed, and each that has with its branch. True where there was no time for all."""
    ones, known = measured.signs(app.db)
    # In the middle of a rebase or a merge nothing is told: when that is over it is looked at again.
    looks = [look for look in looks if look.now.doing is None]
    for one, other in [*((look, None) for look in looks), *itertools.combinations(looks, 2)]:
        pair, sign = _named(one, other)
        if known.get(pair) == sign or one.commit is None or (other is not None and other.commit is None):
            continue
        if clock.monotonic() > end:
            return True
        try:
            files = _files(one, other)
        except TmuxagentsError as error:
            news.troubles[one.agent.id] = error.message
            continue
        # Who has changed comes first: it is theirs to tell.
        first, second = (one, other)
        if other is not None and ones.get(one.agent.id) == one.sign:
            first, second = other, one
        into = one.now.side.into if other is None else None
        news.pairs.append(Tried(first.agent, second.agent if second is not None else None, into, pair, sign, files))
    return False


def _named(one: _Look, other: _Look | None) -> tuple[measured.Pair, str]:
    if other is None:
        return measured.pair(one.agent.id, None), one.sign
    pair = measured.pair(one.agent.id, other.agent.id)
    first, second = (one, other) if pair[0] == one.agent.id else (other, one)
    return pair, "/".join("nothing" if look.now.has_nothing else look.sign_alone for look in (first, second))


def _files(one: _Look, other: _Look | None) -> list[str]:
    """Where a merge would stop; empty where it would not."""
    side = one.now.side
    theirs = side.target if other is None else other.commit
    # At the base: nothing has happened there since.
    if (
        theirs is None
        or (other is None and theirs == side.base)
        or one.now.has_nothing
        or (other is not None and other.now.has_nothing)
    ):
        return []
    assert one.commit is not None
    return telling.files_of(merging.attempt(one.now.git, theirs, one.commit).clashes)
