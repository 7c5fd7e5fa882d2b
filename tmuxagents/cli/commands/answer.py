"""`tmuxagents answer`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import dialog_option, json_option, name_argument, with_app
from tmuxagents.cli.render.settled import settle
from tmuxagents.cli.scope import everywhere_option
from tmuxagents.cli.texts import checked
from tmuxagents.errors import BadValue
from tmuxagents.kinds import choices
from tmuxagents.kinds.prompts import is_blank
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, is_waiting
from tmuxagents.services.talk import dialogs


@click.command()
@name_argument(is_waiting)
@click.argument("choice", nargs=-1)
@click.option("--text", "texts", multiple=True, metavar="TEXT", help="Free text, for the last question that is open.")
@everywhere_option
@dialog_option
@json_option
@with_app
def command(
    app: App,
    name: str,
    choice: tuple[str, ...],
    texts: tuple[str, ...],
    everywhere: bool,
    dialog: str | None,
    as_json: bool,
) -> None:
    """Answer the dialog of NAME, one CHOICE a question, in order: its number or its words.

    Where several may be chosen a comma divides them ("Ham,Oil" or 1,3). Unquoted words are joined where
    one question is open. A TEXT arrives with its line breaks; what is told of it shows each as a sign.
    """
    if not choice and not texts:
        raise _no_choice(app, name)
    for words in (*choice, *texts):
        checked(words)
    if any(is_blank(text) for text in texts):
        # The program tells the model that nobody answered.
        raise BadValue("there is nothing to answer with", hint=f"tmuxagents show {name}")
    settle(
        app,
        [name],
        "answered",
        lambda a, team: dialogs.answer(app, a, choice, texts, panes=team.snapshot, only=dialog),
        everywhere=everywhere,
        as_json=as_json,
        only=dialog,
    )


def _no_choice(app: App, name: str) -> Exception:
    """What there is to choose from, where one agent is meant and asks one thing."""
    asked = [agent.condition.dialog for agent in fleet_now(app).select([name])]
    (dialog,) = asked if len(asked) == 1 else [None]
    if dialog is None or not dialog.choices or len(dialog.tabs) > 1:
        return click.UsageError("give a CHOICE, or --text")
    return BadValue(f"give a CHOICE: {choices.listed(dialog.choices)}", hint=f"tmuxagents answer {name} CHOICE")
