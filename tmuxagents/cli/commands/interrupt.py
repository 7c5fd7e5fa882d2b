"""`tmuxagents interrupt`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, name_argument, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import Refused, TimedOut
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.talk import interrupt


@click.command()
@name_argument()
@json_option
@with_app
def command(app: App, name: str, as_json: bool) -> None:
    """Stop the turn of NAME; the agent and its conversation stay."""
    chosen = fleet_now(app).select([name])
    results = [(agent, interrupt.interrupt(app, agent)) for agent in chosen]
    if as_json:
        print_json({"results": [{"agent": agent.name, "verdict": word} for agent, word in results]})
    for agent, word in results:
        if word == "not working":
            raise Refused(f"{agent.name} is {agent.condition.state}, not working", hint=f"tmuxagents show {agent.name}")
        if word == "unconfirmed":
            raise TimedOut(f"{agent.name} has not stopped yet", hint=f"tmuxagents attach {agent.name}")
        if not as_json:
            click.echo(f"interrupted: {agent.name}")
