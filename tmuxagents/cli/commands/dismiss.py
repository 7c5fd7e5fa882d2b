"""`tmuxagents dismiss`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import aside as told
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.fleet import aside
from tmuxagents.services.fleet.now import fleet_now


def _is_dismissed(agent: Agent) -> bool:
    return agent.is_dismissed


def _may_leave(agent: Agent) -> bool:
    return aside.may_leave(agent) and not agent.is_dismissed


@click.command()
@names_argument(aside.may_leave, required=True)
@click.option("--off", is_flag=True, help="Have them in the list again.")
@everywhere_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], off: bool, everywhere: bool, as_json: bool) -> None:
    """Have each NAME leave the list of `top`, and of `ls --undismissed`: one that is idle or has ended.

    Nothing else changes: it can be spoken to and resumed, `ls` marks it with `-`, and it shows again by itself as soon
    as it begins something, fails or needs you.
    """
    team = fleet_now(app)
    if off:
        chosen = meant(team, names, _is_dismissed, everywhere=everywhere, does="is dismissed")
        told.carry_out(
            chosen, lambda agent: aside.take_back(app, agent), done="back", already="not dismissed", as_json=as_json
        )
        return
    chosen = meant(team, names, _may_leave, everywhere=everywhere, does="has finished")
    told.carry_out(
        chosen, lambda agent: aside.dismiss(app, agent), done="dismissed", already="dismissed already", as_json=as_json
    )
