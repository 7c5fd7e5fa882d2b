"""Who looks at a worktree unasked and who removes it keep out of each other's way.

A git that stands in a folder is somebody who works there: what is removed meanwhile would be kept whole in the trash.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tmuxagents.drivers import files
from tmuxagents.errors import Refused, TimedOut
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App

WAIT_S = 60.0
"""How long who removes it waits: longer than a git that nobody asked for may take."""


@contextlib.contextmanager
def at(app: App, agent: Agent) -> Iterator[None]:
    """Look at it, as others may at the same time; `Refused` at once while it is being removed, or where the agent is
    gone already."""
    try:
        # The folder itself: a file that is made in it while it is deleted would be left.
        with files.locked_folder(app.folder(agent.id), within=0, shared=True) as mine:
            if not mine:
                raise Refused(f"the worktree of {agent.name} is being removed", hint="tmuxagents ls")
            yield
    except FileNotFoundError as error:
        raise Refused(f"{agent.name} is being removed", hint="tmuxagents ls") from error


@contextlib.contextmanager
def kept_out(app: App, agent: Agent) -> Iterator[None]:
    """Nobody looks at it unasked meanwhile."""
    with files.locked_folder(app.own_folder(agent.id), within=WAIT_S) as mine:
        if not mine:
            raise TimedOut(f"a look at the worktree of {agent.name} does not end", hint="tmuxagents ls")
        yield
