"""`tmuxagents deny`"""

from __future__ import annotations

import click

from tmuxagents.cli.common import json_option, name_argument, read_text, with_app
from tmuxagents.cli.settled import tell
from tmuxagents.cli.words import Worded
from tmuxagents.errors import Refused
from tmuxagents.services import decide, fleet
from tmuxagents.services.app import App
from tmuxagents.services.talk import say


@click.command(cls=Worded)
@name_argument()
@click.argument("text", metavar="[TEXT]...", nargs=-1)
@json_option
@with_app
def command(app: App, name: str, text: tuple[str, ...], as_json: bool) -> None:
    """Say no to what NAME waits for, and tell it TEXT. Options end at the text's first word."""
    words = read_text(text, None) or None
    results = [decide.deny(app, agent, words) for agent in fleet.now(app).select([name])]
    tell([settled for settled, _ in results], "denied", as_json=as_json)
    for settled, verdict in results:
        if verdict is not None and verdict.word not in say.GOOD:
            name_ = settled.agent.name
            raise Refused(
                f"denied, but the text was {verdict.word}: {verdict.evidence}", hint=f"tmuxagents show {name_}"
            )
