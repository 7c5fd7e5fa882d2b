"""Take back a worktree that was begun for an agent that never started."""

from __future__ import annotations

from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding, furnishing, keeping, trash


def why(agent: Agent) -> str:
    """What the record of a branch that was made for the agent begins with."""
    return f"tmuxagents: made for {agent.id}"


def undo(app: App, agent: Agent, worktree: Worktree) -> None:
    """Take back what was made for an agent that never started. What holds anything but the commit that it began with
    goes into the trash."""
    found = finding.find(worktree, agent.id)
    # Another's may be at that path, since the name was free.
    ours = found.registered is not None and agent.id in (found.registered.reason or "")
    try:
        if ours and found.registered is not None:
            furnishing.take_back(agent, worktree, found.registered.admin)
            kept = keeping.put_away(app, agent, worktree, found.registered)
            if not kept.tree:
                trash.discard(app, kept)
        elif worktree.own_branch:
            _take_branch_back(agent, worktree)
    except (TmuxagentsError, OSError) as error:
        # What the start failed of is told; this is told beside it.
        app.remark(f"'{worktree.path}' was begun and could not be taken back: {error}", "git worktree list")


def _take_branch_back(agent: Agent, worktree: Worktree) -> None:
    """Only if it is the one that we made, and still where it began."""
    made = git_worktree.made_with(worktree.repository, worktree.branch, why(agent))
    if made and worktree.base is not None:
        git_worktree.delete_branch(worktree.repository, worktree.branch, worktree.base)
