"""`tmuxagents pause`"""

from __future__ import annotations

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.services.app import App
from tmuxagents.services.runs import starting


@click.command()
@click.argument("name", metavar="RUN", shell_complete=completing.runs)
@json_option
@with_app
def command(app: App, name: str, as_json: bool) -> None:
    """Begin no more tasks of the RUN; what runs goes on. `resume RUN` goes on with it."""
    run = starting.named(app, name)
    starting.pause(app, run)
    if as_json:
        print_json({"runs": [run.name]})
    else:
        click.echo(f"paused {run.name}")
