"""`tmuxagents approve`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, name_argument, with_app
from tmuxagents.cli.render.settled import settle
from tmuxagents.services.app import App
from tmuxagents.services.talk import dialogs


@click.command()
@name_argument()
@json_option
@with_app
def command(app: App, name: str, as_json: bool) -> None:
    """Say yes, once, to what NAME waits for: a permission, a plan, a folder's trust."""
    settle(app, name, "approved", lambda a, team: dialogs.approve(app, a, panes=team.snapshot), as_json=as_json)
