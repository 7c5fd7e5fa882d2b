"""`tmuxagents answer`"""

from __future__ import annotations

import click

from tmuxagents.cli.common import json_option, name_argument, with_app
from tmuxagents.cli.settled import tell
from tmuxagents.services import decide, fleet
from tmuxagents.services.app import App


@click.command()
@name_argument()
@click.argument("choice", nargs=-1, required=True)
@json_option
@with_app
def command(app: App, name: str, choice: tuple[str, ...], as_json: bool) -> None:
    """Choose an answer in the dialog of NAME: CHOICE is its number or its words."""
    words = " ".join(choice)
    tell([decide.answer(app, agent, words) for agent in fleet.now(app).select([name])], "answered", as_json=as_json)
