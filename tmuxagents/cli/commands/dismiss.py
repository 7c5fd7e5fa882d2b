"""`tmuxagents dismiss`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render.aside import Way, carry_out
from tmuxagents.cli.scope import everywhere_option
from tmuxagents.services.app import App
from tmuxagents.services.fleet import aside

_DISMISS = Way(
    applies=lambda agent: aside.may_leave(agent) and not agent.is_dismissed,
    does="has finished",
    act=aside.dismiss,
    done="dismissed",
    already="dismissed already",
)
_OFF = Way(
    applies=lambda agent: agent.is_dismissed,
    does="is dismissed",
    act=aside.take_back,
    done="back",
    already="not dismissed",
)


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
    carry_out(app, names, _OFF if off else _DISMISS, everywhere=everywhere, as_json=as_json)
