"""`tmuxagents restore`"""

from __future__ import annotations

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.server import startup
from tmuxagents.services.worktrees import restoring


@click.command()
@click.argument("name", metavar="NAME", shell_complete=completing.in_the_trash)
@json_option
@with_app
def command(app: App, name: str, as_json: bool) -> None:
    """Bring an agent that was removed back with its worktree: branch, index, files, modes. NAME may be the id that
    `prune` lists. It is as ended as it was; `resume` goes on with it."""
    restored = restoring.restore(app, restoring.find(app, name))
    startup.nudge(app)
    kept = restored.kept
    if as_json:
        path, branch = kept.worktree.path, kept.worktree.branch
        print_json(
            {"agent": kept.agent, "path": path, "branch": branch, "detached": restored.detached, "anew": restored.anew}
        )
        return
    click.echo(f"restored {kept.agent} in {one_line(kept.worktree.path, 300)}")
    if restored.detached is not None:
        click.echo(f"its worktree is on no branch: {one_line(restored.detached, 300)}", err=True)
    if restored.anew:
        click.echo(restoring.ANEW, err=True)
