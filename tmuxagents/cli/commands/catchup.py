"""`tmuxagents catchup`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli.options import json_option, names_argument, since_option, with_app
from tmuxagents.cli.render import catchup as rendering
from tmuxagents.cli.scope import found, narrowed
from tmuxagents.cli.terminal import print_json, put, terminal_width, wants_color
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.services.app import App
from tmuxagents.services.fleet import catchup
from tmuxagents.services.fleet.catchup import Catchup
from tmuxagents.services.fleet.now import fleet_now, read_on
from tmuxagents.services.fleet.reader import is_person
from tmuxagents.services.fleet.selection import Narrowing
from tmuxagents.store import marks


@click.command()
@names_argument()
@since_option
@click.option(
    "--html",
    type=click.Path(allow_dash=True),
    is_flag=False,
    flag_value="-",
    metavar="FILE",
    help="Write a page for a browser; - prints it.",
)
@narrowed
@json_option
@with_app
def command(
    app: App, names: tuple[str, ...], since: int | None, html: str | None, narrow: Narrowing, as_json: bool
) -> None:
    """What happened since you last looked: what each agent was asked and did, what it says now, what waits for you.

    With --since what happened since then, read or not. It is told from the journal; no model is asked. What is
    shown on your terminal counts as read.
    """
    if html is not None and as_json:
        raise click.UsageError("--html and --json are two answers: choose one")
    read_on(app)
    team = fleet_now(app)
    ids = None
    if names or not narrow.is_empty:
        ids = {agent.id for agent in found(team, names or ["all"]) if narrow.takes(agent)}
    now_ns = clock.now_ns()
    told = catchup.gather(app, team, ids, since_ns=since)
    if as_json:
        print_json(rendering.as_json(told))
    elif html is not None:
        _write(html, told, now_ns)
    else:
        put(rendering.page(told, now_ns=now_ns, width=terminal_width() or 80, color=wants_color()))
        if is_person(app):
            _read(app, told)


def _write(file: str, told: Catchup, now_ns: int) -> None:
    from pathlib import Path

    from tmuxagents.cli.render import catchup_html
    from tmuxagents.drivers import files

    page = catchup_html.page(told, now_ns=now_ns)
    if file == "-":
        put(page.rstrip("\n"))
        return
    try:
        files.write_whole(Path(file), page)
    except OSError as error:
        hint = f"ls -ld {word(Path(file).parent)}"
        raise TmuxagentsError(f"'{file}' cannot be written: {error.strerror}", hint=hint) from error


def _read(app: App, told: Catchup) -> None:
    """What was told of is read, where nothing before it was left out."""
    read = {one.agent_id: one.last for one in told.accounts if one.entries and one.whole}
    if read:
        marks.move(app.db, read)
