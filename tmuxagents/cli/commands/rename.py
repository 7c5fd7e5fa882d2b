"""`tmuxagents rename`"""

from __future__ import annotations

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json, tell
from tmuxagents.errors import BadValue
from tmuxagents.names import is_wide
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, is_queued, is_there
from tmuxagents.services.lifecycle import rename as renaming


@click.command()
@click.argument("old", metavar="NAME", shell_complete=completing.agents(several=False))
@click.argument("new", metavar="NEW")
@json_option
@with_app
def command(app: App, old: str, new: str, as_json: bool) -> None:
    """Call the agent NAME from now on NEW: in the listing, the journal and its window.

    Its program keeps the name that it was started with in TMUXAGENTS_NAME until it is resumed.
    """
    if is_wide(old) or "," in old:
        raise BadValue(f"'{old[:60]}' is not one agent", hint="tmuxagents ls")
    agent = fleet_now(app).one(old)
    renamed = renaming.rename(app, agent, new)
    if as_json:
        print_json({"results": [{"agent": renamed.name, "before": agent.name}]})
    else:
        click.echo(f"renamed {agent.name} to {renamed.name}")
    if is_there(agent) and not is_queued(agent):
        # Not which: it may have been renamed before.
        tell("tmuxagents: TMUXAGENTS_NAME of its program stays what it was started with, until it is resumed")
