"""Plan the set-up of an agent's worktree. Once it has been carried out whole it is not carried out again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tmuxagents.drivers import setting_up
from tmuxagents.errors import Refused, word
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.settings import chosen
from tmuxagents.services.worktrees import finding
from tmuxagents.store import agents


def planned(app: App, agent: Agent) -> Sequence[str]:
    """The commands that the starter of this generation carries out first; none where there is nothing to do."""
    if agent.worktree is None:
        return ()
    one = finding.find(agent.worktree, agent.id).registered
    if one is None or os.path.lexists(os.path.join(one.admin, finding.SET_UP)):
        return ()
    commands = [str(command) for command in agent.options["worktree"]["setup"]]
    if agent.generation > 1 and (now := _as_said_now(app, agent)) != commands:
        commands = now
        with app.db.write() as tx:
            agents.set_set_up(tx, agent.id, commands)
    if not commands:
        return ()
    plan = {
        "commands": commands,
        "dir": agent.worktree.path,
        "slots": str(app.state / "set-ups"),
        "at_once": os.cpu_count() or 1,
        "done": os.path.join(one.admin, finding.SET_UP),
    }
    setting_up.write(app.folder(agent.id), agent.generation, plan)
    return commands


def _as_said_now(app: App, agent: Agent) -> list[str]:
    """What was wrong with a set-up that failed is mended where it is written, and counts as it does there. `Refused`
    while it waits for consent, or was consented to and is not any more: a program that needs it is not started
    without it."""
    made = chosen.choose(app, Path(agent.dir), {}, profile=agent.options["worktree"].get("profile"))
    repository = made.repository
    if repository.wrong is not None:
        raise repository.wrong
    if "worktree.setup" in repository.withheld and repository.file is not None:
        path = repository.file.path
        raise Refused(
            f"the set-up of {agent.name} in '{path}' needs your consent", hint=f"tmuxagents trust {word(path.parent)}"
        )
    return list(made.answer.get("worktree.setup"))
