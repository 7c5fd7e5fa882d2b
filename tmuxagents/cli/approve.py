"""`tmuxagents approve`"""

from __future__ import annotations

import click

from tmuxagents.cli.common import json_option, name_argument, with_app
from tmuxagents.cli.settled import tell
from tmuxagents.services import decide, fleet
from tmuxagents.services.app import App


@click.command()
@name_argument()
@json_option
@with_app
def command(app: App, name: str, as_json: bool) -> None:
    """Say yes, once, to what NAME waits for: a permission, a plan, a folder's trust."""
    tell([decide.approve(app, agent) for agent in fleet.now(app).select([name])], "approved", as_json=as_json)
