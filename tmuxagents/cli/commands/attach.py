"""`tmuxagents attach`"""

from __future__ import annotations

import os
import sys

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import with_app
from tmuxagents.cli.terminal import tell
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.fleet import attach
from tmuxagents.services.fleet.now import fleet_now, is_there


@click.command()
@click.argument("name", metavar="[NAME]", required=False, shell_complete=completing.agents(is_there, several=False))
@with_app
def command(app: App, name: str | None) -> None:
    """The real tmux, at the window of NAME (else of who needs you). C-b d leaves, C-b n goes to the next that
    needs you; the agents go on. Inside a tmux of your own, which takes C-b for itself, it is C-] d and C-] n.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        hint = f"tmuxagents tail {name}" if name is not None else "tmuxagents tail"
        raise TmuxagentsError("attach needs a terminal", hint=hint)
    team = fleet_now(app)
    agent = team.one(name) if name is not None else None
    argv = attach.arguments(app, team, agent)
    app.close()
    tell(f"leave with {attach.keys()}; the agents go on")
    sys.stdout.flush()
    done = os.spawnvpe(os.P_WAIT, argv[0], argv, attach.environment())
    if done == 0:
        tell("the agents go on; come back with: tmuxagents attach")
    sys.exit(1 if done else 0)
