"""`tmuxagents pin`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import aside as told
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.fleet import aside
from tmuxagents.services.fleet.now import fleet_now


def _is_pinned(agent: Agent) -> bool:
    return agent.pinned


@click.command()
@names_argument(required=True)
@click.option("--off", is_flag=True, help="Keep them first no more.")
@everywhere_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], off: bool, everywhere: bool, as_json: bool) -> None:
    """Keep each NAME first among those in the same state, in `ls` and `top`. One that was dismissed shows again."""
    team = fleet_now(app)
    if off:
        chosen = meant(team, names, _is_pinned, everywhere=everywhere, does="is pinned")
        told.carry_out(
            chosen,
            lambda agent: aside.pin(app, agent, pinned=False),
            done="unpinned",
            already="not pinned",
            as_json=as_json,
        )
        return
    chosen = meant(team, names, lambda agent: not agent.pinned, everywhere=everywhere, does="is left to be pinned")
    told.carry_out(
        chosen,
        lambda agent: aside.pin(app, agent, pinned=True),
        done="pinned",
        already="pinned already",
        as_json=as_json,
    )
