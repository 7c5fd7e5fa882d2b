"""What an agent's work is measured against: its checkout, the branch that it goes into, the commit that both share."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tmuxagents.drivers.git import call, checkouts, histories, places
from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.drivers.git.checkouts import Repository
from tmuxagents.drivers.git.histories import History
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.drivers.git.worktree import Registered
from tmuxagents.errors import NoWorktree, Refused, TmuxagentsError, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding, trash
from tmuxagents.value import Value


class Side(Value):
    """`into` is the branch that the work goes into, and `target` its commit, None where there is none; `base` the
    commit that the work is measured from, None where everything is new. `own` is its history since then, where that
    was looked up with those of others."""

    agent: Agent
    repository: Repository
    checkout: Checkout
    into: str | None
    target: str | None
    base: str | None
    own: History | None = None


class _Begun(Value):
    """A side of which it is not known yet where it begins."""

    agent: Agent
    worktree: Worktree
    repository: Repository
    checkout: Checkout
    into: str | None
    target: str | None


Found = Side | TmuxagentsError


Each = Callable[..., Iterable[Any]]
"""How a function is done for several: `map`, or that of a pool."""


def find(agents: Sequence[Agent], *, each: Each = map) -> list[tuple[Agent, Found]]:
    """That of each agent with a worktree, or why it has none. Each repository is asked once."""
    having = [agent for agent in agents if agent.worktree is not None]
    commons = {agent.worktree.repository for agent in having if agent.worktree is not None}
    known = {common: _repository(common) for common in commons}

    def begin(agent: Agent) -> _Begun | TmuxagentsError:
        assert agent.worktree is not None
        return _begin(agent, agent.worktree, known[agent.worktree.repository])

    begun: list[_Begun | TmuxagentsError] = list(each(begin, having))
    own = _histories([one for one in begun if isinstance(one, _Begun)])
    found: list[Found] = list(each(lambda one: one if isinstance(one, TmuxagentsError) else _finish(one, own), begun))
    return list(zip(having, found, strict=True))


_Histories = Mapping[tuple[str, str, str], History]
"""By repository, target and head."""


def _histories(begun: Sequence[_Begun]) -> _Histories:
    """One look for all that go into the same branch."""
    heads: dict[tuple[str, str], list[str]] = {}
    for one in begun:
        if one.target is not None and one.checkout.head is not None:
            heads.setdefault((one.checkout.common, one.target), []).append(one.checkout.head)
    found = {}
    for (common, target), several in heads.items():
        # Where it fails, each is asked for by itself and says why.
        with contextlib.suppress(TmuxagentsError):
            own = histories.since(common, target, several)
            found.update({(common, target, head): history for head, history in own.items()})
    return found


def one(agent: Agent, *, into: str | None = None) -> Side:
    """That of one agent. `NoWorktree` where it has none, or it is not where it was."""
    worktree = agent.worktree
    if worktree is None and agent.phase == "queued" and agent.options.get("worktree"):
        raise NoWorktree(f"{agent.name} is queued: it has no worktree yet", hint="tmuxagents queue")
    if worktree is None:
        raise NoWorktree(f"{agent.name} has no worktree of its own", hint=f"tmuxagents show {agent.name}")
    begun = _begin(agent, worktree, _repository(worktree.repository), into)
    found = begun if isinstance(begun, TmuxagentsError) else _finish(begun, {})
    if isinstance(found, TmuxagentsError):
        raise found
    return found


def refuse_trashed(app: App, agents: Sequence[Agent]) -> None:
    """`NoWorktree` where that of one was removed, and can be brought back."""
    for agent in agents:
        kept = trash.of_agent(app, agent.id) if agent.worktree is not None else None
        if kept is not None and finding.trouble(agent) is not None:
            raise NoWorktree(f"the worktree of {agent.name} is in the trash", hint=f"tmuxagents restore {kept.agent}")


def _repository(common: str) -> Repository | TmuxagentsError:
    if not os.path.isdir(common):
        return NoWorktree(f"the repository '{common}' is gone", hint=f"ls -ld {word(common)}")
    try:
        return checkouts.of(common)
    except TmuxagentsError as error:
        return error


def _begin(
    agent: Agent, worktree: Worktree, repository: Repository | TmuxagentsError, into: str | None = None
) -> _Begun | TmuxagentsError:
    if isinstance(repository, TmuxagentsError):
        return repository
    checkout = repository.linked.get(os.path.realpath(worktree.path))
    if checkout is None or not git_worktree.is_at(Registered(checkout.git_dir, checkout.top, None)):
        at = finding.find(worktree, agent.id)
        if at.how == "moved" and at.registered is not None:
            return finding.was_moved(agent, worktree, at.registered)
        return NoWorktree(
            f"the worktree of {agent.name} was moved or removed by hand: '{worktree.path}'",
            hint=f"tmuxagents show {agent.name}",
        )
    lost = _lost(checkout, worktree)
    if lost is not None:
        return Refused(
            f"the branch '{checkout.branch}' of {agent.name} was deleted",
            hint=f"git -C {word(checkout.common)} branch {word(checkout.branch or '')} {lost}",
        )
    named = into or worktree.into or repository.main.branch
    branch = named if named not in (checkout.branch, worktree.branch) else None
    try:
        target = _tip(repository, branch) if branch is not None else None
    except TmuxagentsError as error:
        return error
    return _Begun(agent, worktree, repository, checkout, branch if target else None, target)


def _lost(checkout: Checkout, worktree: Worktree) -> str | None:
    """Where its branch was before somebody deleted it: without it everything would seem to be new."""
    if checkout.head is not None or checkout.branch is None:
        return None
    return git_worktree.lost_tip(checkout.git_dir, checkout.branch, worktree.branch)


def _finish(begun: _Begun, known: _Histories) -> Found:
    checkout, target = begun.checkout, begun.target
    own = known.get((checkout.common, target or "", checkout.head or ""))
    try:
        base = own.base if own is not None else _base(checkout, target, begun.worktree.base)
    except TmuxagentsError as error:
        return error
    return Side(begun.agent, begun.repository, checkout, begun.into, target, base, own)


def _tip(repository: Repository, branch: str) -> str | None:
    holder = repository.holder(branch)
    if holder is not None:
        return holder.head
    # Not `rev-parse`: `main~1` is no branch.
    words = ("show-ref", "--verify", "--hash", f"refs/heads/{branch}")
    return call.unasked(repository.main.common, *words, good=(0, 1, 128)).decode().strip() or None


def _base(checkout: Checkout, target: str | None, began: str | None) -> str | None:
    """Where they part; where the work began if they share nothing, as in a shallow clone, or if there is no branch."""
    if checkout.head is None:
        return None
    if target is not None:
        said = call.unasked(checkout.common, "merge-base", target, checkout.head, good=(0, 1))
        if said:
            return said.decode().strip()
    return places.commit(checkout.common, began) if began is not None else None
