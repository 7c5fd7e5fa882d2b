"""`tmuxagents ls`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import listing
from tmuxagents.cli.scope import narrowed
from tmuxagents.services.app import App
from tmuxagents.services.fleet.selection import Narrowing


@click.command()
@names_argument()
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Print the bare names.")
@click.option("-a", "all_", is_flag=True, hidden=True, help="Nothing more: all are listed anyway.")
@click.option("--summary", is_flag=True, help="Print one short line, for a status bar.")
@narrowed
@with_app
def command(
    app: App, names: tuple[str, ...], narrow: Narrowing, as_json: bool, quiet: bool, all_: bool, summary: bool
) -> None:
    """List the agents, those who need you first."""
    listing.show(app, names, as_json=as_json, quiet=quiet, summary=summary, takes=narrow.takes)
