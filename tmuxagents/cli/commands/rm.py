"""`tmuxagents rm`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.lifecycle import forget
from tmuxagents.services.server import startup


@click.command()
@names_argument(required=True)
@json_option
@with_app
def command(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Forget ended agents. Their journal stays searchable, their files and conversation untouched."""
    chosen = fleet_now(app).select(names)
    forgotten = []
    for agent in chosen:
        forget.forget(app, agent)
        forgotten.append(agent.name)
        if not as_json:
            click.echo(f"forgot {agent.name}")
    startup.nudge(app)
    if as_json:
        print_json({"forgotten": forgotten})
