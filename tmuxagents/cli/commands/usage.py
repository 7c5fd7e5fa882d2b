"""`tmuxagents usage`"""

from __future__ import annotations

from typing import Any

import click

from tmuxagents import clock
from tmuxagents.cli import completing
from tmuxagents.cli.options import json_option, names_argument, since_option, with_app
from tmuxagents.cli.render import using
from tmuxagents.cli.scope import found
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width
from tmuxagents.services.app import App
from tmuxagents.services.fleet import usage
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.fleet.usage import By

_BY = ("agent", "run", "day", "account", "model")


@click.command()
@names_argument()
@click.option(
    "--by",
    type=click.Choice(_BY),
    default="agent",
    metavar="WHAT",
    shell_complete=completing.among(_BY),
    help="A line for each agent (the default), run, day, account or model.",
)
@since_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], by: By, since: int | None, as_json: bool) -> None:
    """Tokens and cost of all agents, or of each NAME, against their budgets.

    A cost that nobody knows is `-`, never 0, and a sum over such a one says "at least". By run, day, account and model
    removed agents count too, unless NAMEs are given. --since counts in quarters of an hour.
    """
    if since is not None and since > clock.now_ns():
        raise click.UsageError("--since lies ahead: nothing was used since then")
    team = fleet_now(app)
    chosen = found(team, names) if names else team.agents
    lines = usage.lines(app, chosen, by=by, since_ns=since, everybody=not names)
    if as_json:
        print_json(_as_json(lines, by, since))
    elif lines:
        put("\n".join(using.rows(lines, by, width=terminal_width())))
    else:
        tell("tmuxagents: nothing was used yet")


def _as_json(lines: list[usage.Line], by: By, since: int | None) -> dict[str, Any]:
    return using.as_json(lines, usage.total(lines), by, since)
