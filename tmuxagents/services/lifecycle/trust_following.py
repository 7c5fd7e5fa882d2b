"""Trust a new worktree where its repository is trusted, because the user's own configuration says so."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import trust
from tmuxagents.services.worktrees import furnishing


def follow(app: App, agent: Agent, given: Mapping[str, str]) -> None:
    """Record an agent's new worktree as trusted where the main checkout of its repository is. What keeps that from
    being done is told, and the program asks."""
    main = furnishing.main_checkout(agent.worktree) if agent.worktree is not None else None
    noted = registry.kind(agent.kind).trust({**os.environ, **given})
    if main is None or noted is None or not noted.path.exists():
        return
    try:
        trust.grant(registry.kind(agent.kind), Path(agent.dir), given, like=(main, os.path.realpath(main)))
    except (TmuxagentsError, OSError) as error:
        app.remark(f"the worktree of {agent.name} is not trusted: {error}", f"tmuxagents attach {agent.name}")
