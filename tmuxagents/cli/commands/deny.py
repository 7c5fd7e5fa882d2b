"""`tmuxagents deny`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import dialog_option, json_option, name_argument, with_app
from tmuxagents.cli.render.settled import settle
from tmuxagents.cli.scope import everywhere_option
from tmuxagents.cli.texts import read_text
from tmuxagents.cli.words import Worded
from tmuxagents.kinds.prompts import is_blank
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import is_waiting
from tmuxagents.services.talk import dialogs


@click.command(cls=Worded)
@name_argument(is_waiting)
@click.argument("text", metavar="[TEXT]...", nargs=-1)
@everywhere_option
@dialog_option
@json_option
@with_app
def command(app: App, name: str, text: tuple[str, ...], everywhere: bool, dialog: str | None, as_json: bool) -> None:
    """Say no to what NAME waits for: the turn stops. With TEXT the agent is told why, and goes on.

    Options end at the text's first word.
    """
    given = read_text(text, None)
    words = None if is_blank(given) else given
    settle(
        app,
        [name],
        "denied",
        lambda a, team: dialogs.deny(app, a, words, panes=team.snapshot, only=dialog),
        everywhere=everywhere,
        as_json=as_json,
        only=dialog,
    )
