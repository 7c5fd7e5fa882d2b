"""That an agent was removed, and how its worktree is brought back."""

from __future__ import annotations

from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import clean
from tmuxagents.services.app import App


def row(app: App, agent: Agent, *, kept: bool) -> str:
    """Its line; `kept`: its worktree is in the trash."""
    again = app.addressed(f"tmuxagents restore {agent.name}")
    where = f"; {again} brings its worktree back" if kept else ""
    return clean(f"removed {agent.name}; its record stays{where}")
