"""`tmuxagents controller`"""

from __future__ import annotations

import click

from tmuxagents.cli import controlling
from tmuxagents.cli.groups import Group
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.controller import stop as stopping
from tmuxagents.services.fleet import attach
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.server import controller_alive, startup


@click.group(cls=Group)
def command() -> None:
    """The controller runs by itself; these are for looking at it."""


@command.command()
@with_app
def start(app: App) -> None:
    """Start it, with the tmux server if need be."""
    if not startup.bring_up(app):
        raise TmuxagentsError("the controller does not start", hint=controller_alive.start_hint(app))
    late = controller_alive.stuck_for(app)
    if late is not None:
        words = f"the controller is stuck: it has not turned for {late:.0f} s"
        raise TmuxagentsError(words, hint="tmuxagents controller stop; tmuxagents controller start")
    click.echo("the controller runs")


@command.command(short_help="Stop it; the agents go on.")
@with_app
def stop(app: App) -> None:
    """Stop it, or end it where it is stuck; the agents go on, and the next command that needs it starts it again."""
    pid = stopping.stop(app)
    if pid is None:
        raise TmuxagentsError("no controller runs", hint="tmuxagents controller start")
    click.echo(f"stopped the controller ({pid})")


@command.command(short_help="Whether it runs, and turns.")
@json_option
@with_app
def status(app: App, as_json: bool) -> int:
    """Whether it runs; exit code 1 when not, and when it is stuck."""
    runs = controller_alive.runs(app)
    late = controller_alive.stuck_for(app) if runs else None
    if as_json:
        print_json({"running": runs, "stuck": late is not None})
    elif late is not None:
        click.echo(f"the controller is stuck: it has not turned for {late:.0f} s")
    else:
        click.echo("the controller runs" if runs else "no controller runs")
    return 0 if runs and late is None else 1


@command.command(hidden=True)
@with_app
def run(app: App) -> None:
    """Be the controller."""
    controlling.control(app)


@command.command(hidden=True)
@click.argument("client")
@with_app
def jump(app: App, client: str) -> None:
    """Show a tmux client the next agent that waits."""
    attach.jump(app, fleet_now(app), client)
