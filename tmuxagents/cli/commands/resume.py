"""`tmuxagents resume`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, is_over
from tmuxagents.services.lifecycle import resume as resuming
from tmuxagents.services.server import startup


@click.command()
@names_argument()
@click.option("--all", "all_", is_flag=True, help="All that are lost (the server or the machine went down).")
@json_option
@with_app
def command(app: App, names: tuple[str, ...], all_: bool, as_json: bool) -> int:
    """Start the agents again with the same conversation, one after another."""
    if all_ == bool(names):
        raise click.UsageError("give NAMEs or --all")
    team = fleet_now(app)
    team.must_be_seen()
    chosen = team.select([agent.name for agent in resuming.lost(team.agents)] if all_ else names, is_over)
    results = []
    for one in resuming.resume(app, chosen):
        results.append(one)
        startup.nudge(app)
        if not as_json and one.error is None:
            click.echo(one_line(f"resumed {one.agent.name} ({one.agent.condition.conversation})"))
        elif one.error is not None:
            click.echo(f"tmuxagents: {one_line(one.error.message, 600)}", err=True)
            if one.error.hint:
                click.echo(f"hint: {one_line(one.error.hint, 600)}", err=True)
    if as_json:
        rows = [{"agent": r.agent.name, "resumed": r.error is None, "error": _words(r.error)} for r in results]
        print_json({"results": rows})
    if not results and not as_json:
        click.echo("nobody is lost" if all_ else "nobody has ended", err=True)
    return max((r.error.exit_code for r in results if r.error is not None), default=0)


def _words(error: TmuxagentsError | None) -> str | None:
    return error.message if error is not None else None
