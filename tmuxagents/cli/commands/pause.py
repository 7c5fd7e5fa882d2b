"""`tmuxagents pause`"""

from __future__ import annotations

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import with_app
from tmuxagents.services.app import App
from tmuxagents.services.runs import starting


@click.command()
@click.argument("name", metavar="RUN", shell_complete=completing.runs)
@with_app
def command(app: App, name: str) -> None:
    """Begin no more tasks of the RUN; what runs goes on. `resume RUN` goes on with it."""
    run = starting.named(app, name)
    starting.pause(app, run)
    click.echo(f"paused {run.name}")
