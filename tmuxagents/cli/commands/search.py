"""`tmuxagents search`"""

from __future__ import annotations

import click

from tmuxagents.cli import completing, pager
from tmuxagents.cli.options import Whole, json_option, look_options, since_option, until_option, with_app
from tmuxagents.cli.render.stream import Look, rows, show
from tmuxagents.cli.scope import found, narrowed
from tmuxagents.output.highlight import words
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, read_on
from tmuxagents.services.fleet.selection import Narrowing
from tmuxagents.store import journal
from tmuxagents.value import replace


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--agent",
    "names",
    multiple=True,
    metavar="NAME",
    shell_complete=completing.agents(),
    help="Only in what these said and did.",
)
@click.option("-n", "count", metavar="N", type=Whole(1, 100_000), default=100, help="At most so many, the newest.")
@since_option
@until_option
@look_options
@narrowed
@json_option
@with_app
def command(
    app: App,
    text: tuple[str, ...],
    names: tuple[str, ...],
    narrow: Narrowing,
    count: int,
    since: int | None,
    until: int | None,
    look: Look,
    as_json: bool,
) -> int:
    """Find all words of TEXT ("in quotes" a phrase) in what any agent, live, ended or removed, said and did. The branch
    or the folder of a worktree finds the agent that was given it."""
    read_on(app)
    ids = None
    if names or not narrow.is_empty:
        ids = [agent.id for agent in found(fleet_now(app), names or ["all"]) if narrow.takes(agent)]
    entries = journal.search(app.db, " ".join(text), agents=ids, limit=count, since_ns=since or 0, until_ns=until)
    if as_json:
        show(entries, as_json=True, look=look)
    elif entries:
        pager.put_long(rows(entries, replace(look, lit=look.lit or words(" ".join(text)))))
    if not entries:
        click.echo("nothing found", err=True)
    return 0 if entries else 1
