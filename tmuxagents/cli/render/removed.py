"""That an agent was removed, and how its worktree is brought back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import clean
from tmuxagents.services.app import App

if TYPE_CHECKING:
    from tmuxagents.services.worktrees.trash import Kept


def row(app: App, agent: Agent, *, kept: Kept | None) -> str:
    """Its line; `kept` is its worktree in the trash."""
    again = app.addressed(f"tmuxagents restore {agent.name}")
    where = f"; {again} brings its worktree back" if kept is not None else ""
    if kept is not None and kept.gone:
        where = f"; its folder was gone: {again} checks out what git has of it"
    if kept is None and agent.worktree is not None and agent.worktree.own and os.path.lexists(agent.worktree.path):
        where = f", and what is in {agent.worktree.path}"
    return clean(f"removed {agent.name}; its record stays{where}")
