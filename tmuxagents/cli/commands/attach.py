"""`tmuxagents attach`"""

from __future__ import annotations

import os
import sys

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import with_app
from tmuxagents.cli.terminal import tell
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import clean
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
    terminal = attach.terminal_type()
    argv = attach.arguments(app, team, agent)
    app.close()
    _tell_worktree(agent)
    if terminal != os.environ.get("TERM"):
        tell(
            clean(f"this machine does not know the terminal '{os.environ.get('TERM', '')[:40]}'; taken for {terminal}")
        )
    tell(f"leave with {attach.keys()}; the agents go on")
    sys.stdout.flush()
    done = os.spawnvpe(os.P_WAIT, argv[0], argv, attach.environment(terminal))
    if done == 0:
        tell(clean(f"the agents go on; come back with: {app.addressed('tmuxagents attach')}"))
    sys.exit(1 if done else 0)


def _tell_worktree(agent: Agent | None) -> None:
    """The window does not show that the folder under it was moved away."""
    if agent is None or agent.worktree is None:
        return
    from tmuxagents.output.safe_text import one_line
    from tmuxagents.services.worktrees import finding

    trouble = finding.trouble(agent)
    if trouble is not None:
        tell(f"the worktree of {agent.name} is {one_line(trouble, 300)}")
