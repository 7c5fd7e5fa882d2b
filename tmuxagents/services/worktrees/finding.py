"""Where an agent's worktree is now: as recorded, moved, or gone. Reads git's own files and starts no git."""

from __future__ import annotations

import os
from typing import Literal

from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.drivers.git.worktree import Registered
from tmuxagents.errors import NoWorktree, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.names import AgentId
from tmuxagents.value import Value, replace

SET_UP = "tmuxagents-set-up"
"""A file in git's own directory of the worktree that says its set-up was carried out: it goes where that goes."""


class Found(Value):
    """`there`: where it is recorded. `moved`: its folder is at `registered.path` now. `gone`: the repository knows
    it, and its folder is not where that says. `unknown`: the repository knows of none."""

    how: Literal["there", "moved", "gone", "unknown"]
    registered: Registered | None = None


def reason(agent_id: AgentId, name: str) -> str:
    """Why git is told to leave the worktree alone; by the id in it the worktree is found again."""
    return f"tmuxagents: the agent {name} works here ({agent_id})"


def is_of(one: Registered, agent_id: AgentId) -> bool:
    """Whether it is the one that was made for that agent."""
    return one.owner == agent_id or agent_id in (one.reason or "")


def find(worktree: Worktree, agent_id: AgentId) -> Found:
    """Where it is."""
    known = git_worktree.registered(worktree.repository)
    here = os.path.realpath(worktree.path)
    mine = next((one for one in known if is_of(one, agent_id)), None)
    at = next((one for one in known if os.path.realpath(one.path) == here), None)
    # Where ours was moved, another may have been made in its place.
    if at is not None and git_worktree.is_at(at) and mine in (None, at):
        return Found("there", at)
    ours = mine or at
    if ours is None:
        return Found("unknown")
    back = replace(ours, path=worktree.path)
    if git_worktree.is_at(back):
        # Moved away and back by hand: the repository still says where it was meanwhile.
        return Found("there", back)
    return Found("moved" if git_worktree.is_at(ours) else "gone", ours)


def was_moved(agent: Agent, worktree: Worktree, to: Registered) -> NoWorktree:
    """Its repository knows where it is; the agent is to find it where it was."""
    what = f"the worktree of {agent.name} was moved to '{to.path}'"
    if os.path.lexists(worktree.path):
        # `mv` would put it into a folder that is there.
        return NoWorktree(f"{what}, and '{worktree.path}' is something else", hint=f"ls -ld {word(worktree.path)}")
    return NoWorktree(what, hint=f"mv {word(to.path)} {word(worktree.path)}")


def is_left(worktree: Worktree) -> bool:
    """Whether its folder is there, and says of itself that it is one of that repository's: what the repository itself
    may not know any more."""
    return git_worktree.claims(worktree.path, worktree.repository)


def trouble(agent: Agent) -> str | None:
    """What is wrong with it, in words; None where it is in its place, or there is none."""
    if agent.worktree is None:
        return None
    found = find(agent.worktree, agent.id)
    if found.how == "there":
        return None
    if not os.path.isdir(agent.worktree.repository):
        return f"without its repository: '{agent.worktree.repository}' is gone"
    if found.how == "moved" and found.registered is not None:
        return f"moved to '{found.registered.path}'"
    if found.how == "unknown" and is_left(agent.worktree):
        return f"unknown to its repository: '{agent.worktree.repository}'"
    return f"gone from '{agent.worktree.path}': moved or removed by hand"
