"""`tmuxagents pin`"""

from __future__ import annotations

import functools

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render.aside import Way, carry_out
from tmuxagents.cli.scope import everywhere_option
from tmuxagents.services.app import App
from tmuxagents.services.fleet import aside

_PIN = Way(
    applies=lambda agent: not agent.pinned,
    does="is left to be pinned",
    act=functools.partial(aside.pin, pinned=True),
    done="pinned",
    already="pinned already",
)
_OFF = Way(
    applies=lambda agent: agent.pinned,
    does="is pinned",
    act=functools.partial(aside.pin, pinned=False),
    done="unpinned",
    already="not pinned",
)


@click.command()
@names_argument(required=True)
@click.option("--off", is_flag=True, help="Keep them first no more.")
@everywhere_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], off: bool, everywhere: bool, as_json: bool) -> None:
    """Keep each NAME first among those in the same state, in `ls` and `top`. One that was dismissed shows again."""
    carry_out(app, names, _OFF if off else _PIN, everywhere=everywhere, as_json=as_json)
