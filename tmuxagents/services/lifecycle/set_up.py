"""Plan the set-up of an agent's worktree: once it has been carried out whole, it is not again."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tmuxagents.drivers import setting_up
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding

_DONE = "tmuxagents-set-up"
"""A file in git's own directory of the worktree: it goes where that goes."""


def planned(app: App, agent: Agent) -> Sequence[str]:
    """The commands that the starter of this generation carries out first; none where there is nothing to do."""
    if agent.worktree is None:
        return ()
    one = finding.find(agent.worktree, agent.id).registered
    if one is None or os.path.lexists(os.path.join(one.admin, _DONE)):
        return ()
    commands = [str(command) for command in agent.options["worktree"]["setup"]]
    plan = {
        "commands": commands,
        "dir": agent.worktree.path,
        "slots": str(app.state / "set-ups"),
        "at_once": os.cpu_count() or 1,
        "done": os.path.join(one.admin, _DONE),
    }
    setting_up.write(app.folder(agent.id), agent.generation, plan)
    return commands
