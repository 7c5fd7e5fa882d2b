"""`tmuxagents approve`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import dialog_option, json_option, names_argument, with_app
from tmuxagents.cli.render.settled import settle
from tmuxagents.cli.scope import everywhere_option
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import is_waiting
from tmuxagents.services.talk import dialogs


@click.command()
@names_argument(is_waiting, required=True)
@everywhere_option
@dialog_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], everywhere: bool, dialog: str | None, as_json: bool) -> None:
    """Say yes, once, to what each NAME waits for: a permission, a plan, a folder's trust."""
    settle(
        app,
        names,
        "approved",
        lambda a, team: dialogs.approve(app, a, panes=team.snapshot, only=dialog),
        everywhere=everywhere,
        as_json=as_json,
        only=dialog,
    )
