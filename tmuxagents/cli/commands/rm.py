"""`tmuxagents rm`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import agreed, everywhere_option, meant, yes_option
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, has_ended
from tmuxagents.services.lifecycle import forget
from tmuxagents.services.server import startup


@click.command()
@names_argument(has_ended, required=True)
@everywhere_option
@yes_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], everywhere: bool, yes: bool, as_json: bool) -> None:
    """Remove ended agents from the team. What they said and did stays: `show`, `tail` and `search` find it by the name.
    Their files and conversation are not touched.

    `all` and globs mean those that have ended; one that is lost can be resumed, and has to be named.
    """
    chosen = meant(fleet_now(app), names, has_ended, everywhere=everywhere, does="has ended", whole=True)
    agreed("remove", names, chosen, everywhere=everywhere, yes=yes)
    forgotten: list[str] = []
    errors: list[TmuxagentsError] = []
    for agent in chosen:
        try:
            forget.forget(app, agent)
        except TmuxagentsError as error:
            errors.append(error)
            continue
        forgotten.append(agent.name)
        if not as_json:
            click.echo(f"removed {agent.name}; its record stays")
    startup.nudge(app)
    if as_json:
        print_json({"forgotten": forgotten})
    raise_worst(errors)
