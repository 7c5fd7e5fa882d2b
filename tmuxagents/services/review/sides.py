"""What an agent's work is measured against: its checkout, the branch that it goes into, the commit that both share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from tmuxagents.drivers.git import call, checkouts, places
from tmuxagents.drivers.git.checkouts import Repository
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import NoWorktree, TmuxagentsError, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.value import Value


class Side(Value):
    """`into` is the branch that the work goes into, and `target` its commit, None where there is none; `base` the
    commit that the work is measured from, None where everything is new."""

    agent: Agent
    repository: Repository
    checkout: Checkout
    into: str | None
    target: str | None
    base: str | None


Found = Side | TmuxagentsError


Each = Callable[[Callable[[Agent], "tuple[Agent, Found]"], Sequence[Agent]], Iterable["tuple[Agent, Found]"]]
"""How a function is done for several: `map`, or that of a pool."""


def find(agents: Sequence[Agent], *, each: Each = map) -> list[tuple[Agent, Found]]:
    """That of each agent with a worktree, or why it has none. Each repository is asked once."""
    having = [agent for agent in agents if agent.worktree is not None]
    commons = {agent.worktree.repository for agent in having if agent.worktree is not None}
    known = {common: _repository(common) for common in commons}

    def look(agent: Agent) -> tuple[Agent, Found]:
        assert agent.worktree is not None
        return agent, _side(agent, agent.worktree, known[agent.worktree.repository])

    return list(each(look, having))


def one(agent: Agent, *, into: str | None = None) -> Side:
    """That of one agent. `NoWorktree` where it has none, or it is not where it was."""
    worktree = agent.worktree
    if worktree is None:
        raise NoWorktree(f"{agent.name} has no worktree of its own", hint=f"tmuxagents show {agent.name}")
    found = _side(agent, worktree, _repository(worktree.repository), into)
    if isinstance(found, TmuxagentsError):
        raise found
    return found


def _repository(common: str) -> Repository | TmuxagentsError:
    if not os.path.isdir(common):
        return NoWorktree(f"the repository '{common}' is gone", hint=f"ls -ld {word(common)}")
    try:
        return checkouts.of(common)
    except TmuxagentsError as error:
        return error


def _side(agent: Agent, worktree: Worktree, repository: Repository | TmuxagentsError, into: str | None = None) -> Found:
    if isinstance(repository, TmuxagentsError):
        return repository
    checkout = repository.linked.get(os.path.realpath(worktree.path))
    if checkout is None or not os.path.isdir(checkout.top):
        return NoWorktree(
            f"the worktree of {agent.name} was moved or removed by hand: '{worktree.path}'",
            hint=f"tmuxagents show {agent.name}",
        )
    named = into or worktree.into or repository.main.branch
    branch = named if named not in (checkout.branch, worktree.branch) else None
    try:
        target = _tip(repository, branch) if branch is not None else None
        base = _base(checkout, target, worktree.base)
    except TmuxagentsError as error:
        return error
    return Side(agent, repository, checkout, branch if target else None, target, base)


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
