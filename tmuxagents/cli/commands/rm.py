"""`tmuxagents rm`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli import run_names
from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import removed
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import agreed, everywhere_option, meant, yes_option
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.run import Run
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, has_ended
from tmuxagents.services.lifecycle import forget
from tmuxagents.services.runs import starting
from tmuxagents.services.server import startup


@click.command()
@names_argument(has_ended, required=True)
@everywhere_option
@yes_option
@click.option("--trash", "to_trash", is_flag=True, help="Also with work that is nowhere else: restore brings it back.")
@json_option
@with_app
def command(app: App, names: tuple[str, ...], everywhere: bool, yes: bool, to_trash: bool, as_json: bool) -> None:
    """Remove ended agents from the team. What they said and did stays: `show`, `tail` and `search` find it by the name.
    The program's own conversation and the folder that it worked in are not touched; our copies of its terminal and its
    last screen are deleted. A worktree that was made for one (spawn -w) goes into the trash with its branch, unless it
    holds work that is nowhere else.

    The name of a run means all its agents, and the run. `all` and globs mean those that have ended; one that is lost
    can be resumed, and has to be named.
    """
    whole, left = run_names.split(app, names)
    for run in whole:
        starting.refuse_running(run)
    team = fleet_now(app)
    names = (*left, *(agent.name for run in whole for agent in team.agents if starting.is_of(agent, run)))
    if whole and not names:
        gone = _forget_runs(app, whole, as_json=as_json)
        if as_json:
            print_json({"forgotten": gone, "trash": []})
        return
    chosen = meant(team, names, has_ended, everywhere=everywhere, does="has ended", whole=True)
    agreed("remove", names, chosen, everywhere=everywhere, yes=yes)
    forgotten: list[str] = []
    kept: list[dict[str, str]] = []
    errors: list[TmuxagentsError] = []
    for agent in chosen:
        try:
            put_away = forget.forget(app, agent, to_trash=to_trash)
        except TmuxagentsError as error:
            errors.append(error)
            continue
        forgotten.append(agent.name)
        kept += [{"agent": agent.name, "id": put_away.id}] if put_away is not None else []
        if not as_json:
            click.echo(removed.row(app, agent, kept=put_away))
    forgotten += _forget_runs(app, whole, as_json=as_json)
    startup.nudge(app)
    if as_json:
        print_json({"forgotten": forgotten, "trash": kept})
    raise_worst(errors)


def _forget_runs(app: App, whole: Sequence[Run], *, as_json: bool) -> list[str]:
    """Those of which no agent is left; their names."""
    gone = [run.name for run in whole if starting.forget(app, run)]
    for name in gone if not as_json else ():
        click.echo(f"removed {name}")
    return gone
