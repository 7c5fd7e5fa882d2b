"""`tmuxagents search`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.render.stream import show
from tmuxagents.cli.scope import found, narrowed
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, read_on
from tmuxagents.services.fleet.selection import Narrowing
from tmuxagents.store import journal


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--agent", "names", multiple=True, metavar="NAME", help="Only in what these said and did.")
@click.option("-n", "count", type=click.IntRange(1, 100_000), default=100, help="At most so many, the newest.")
@click.option("-t", "--times", is_flag=True, help="Show the time of each entry.")
@narrowed
@json_option
@with_app
def command(
    app: App, text: tuple[str, ...], names: tuple[str, ...], narrow: Narrowing, count: int, times: bool, as_json: bool
) -> int:
    """Find all words of TEXT ("in quotes" a phrase) in what any agent, live or ended, said and did."""
    read_on(app)
    ids = None
    if names or not narrow.is_empty:
        ids = [agent.id for agent in found(fleet_now(app), names or ["all"]) if narrow.takes(agent)]
    entries = journal.search(app.db, " ".join(text), agents=ids, limit=count)
    show(entries, as_json=as_json, times=times)
    if not entries:
        click.echo("nothing found", err=True)
    return 0 if entries else 1
