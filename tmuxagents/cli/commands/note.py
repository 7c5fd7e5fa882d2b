"""`tmuxagents note`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli.groups import Group
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.cli.texts import read_text
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.services.app import App

run_option = click.option("--run", "run", metavar="RUN", help="The board of that run, in place of the repository's.")


@click.group(cls=Group)
def command() -> None:
    """Small facts that agents and people share: of the repository that you stand in, or of a run."""


@command.command(short_help="Put a fact on the board.")
@click.argument("text", metavar="TEXT...", nargs=-1, required=True)
@run_option
@json_option
@with_app
def add(app: App, text: tuple[str, ...], run: str | None, as_json: bool) -> None:
    """Put a fact on the board; `-` reads standard input. Whoever types this has said it."""
    from tmuxagents.services.board import notes

    made = notes.add(app, _board(app, run), read_text(text, None))
    if as_json:
        print_json({"notes": notes.as_json(app, [made])})
    else:
        put(f"Noted {made.number}: {one_line(made.text, 100)}")


@command.command("list", short_help="What stands there, and who said it when.")
@run_option
@click.option("-a", "--all", "everything", is_flag=True, help="Also what is done.")
@json_option
@with_app
def list_(app: App, run: str | None, everything: bool, as_json: bool) -> None:
    """List what stands on the board, the oldest first."""
    from tmuxagents.services.board import notes

    on = _board(app, run)
    shown = notes.listed(app, on, everything=everything)
    if as_json:
        print_json({"notes": notes.as_json(app, shown)})
        return
    for note in shown:
        ago = clock.ago(note.at_ns, clock.now_ns())
        over = f", done by {one_line(note.done_by or '', 40)}" if note.done_ns is not None else ""
        first, *more = clean(note.text).split("\n")
        head = f"{note.number}  {one_line(notes.who_of(app, note), 40)}, {ago} ago{over}: "
        put("\n".join([head + first, *(f"    {line}" for line in more)]))
    if not shown:
        tell(f"nothing is noted for {one_line(notes.called(on), 200)}")


@command.command(short_help="Take a note off the board.")
@click.argument("number", metavar="N")
@json_option
@with_app
def done(app: App, number: str, as_json: bool) -> None:
    """Take the note of that number off its board. It stays in `note list --all`, with who has done it."""
    from tmuxagents.services.board import notes

    note = notes.done(app, notes.numbered(number))
    if as_json:
        print_json({"notes": notes.as_json(app, [note])})
    else:
        put(f"Done {note.number}: {one_line(note.text, 100)}")


@command.command(short_help="Write the board into the checkout, as a file.")
@run_option
@json_option
@with_app
def write(app: App, run: str | None, as_json: bool) -> None:
    """Write what is not done to .agents/parallel-context.md at the top of the checkout that you stand in.

    Never over what somebody has changed there, and never through a symbolic link. It is not added to git.
    """
    from tmuxagents.services.board import notes, writing

    on = _board(app, run)
    path, shown = writing.write(app, on)
    if as_json:
        print_json({"board": notes.plain(on), "path": path, "notes": notes.as_json(app, shown)})
        return
    count = len(shown)
    put(f"Wrote {one_line(path, 400)}: {count} {'note' if count == 1 else 'notes'}; git add is yours")


def _board(app: App, run: str | None) -> str:
    """A run has to be there: a slip would be a board that nobody looks at."""
    from tmuxagents.services.board import notes

    on = notes.board(run)
    if run is not None:
        from tmuxagents.services.runs import starting

        starting.named(app, run)
    return on
