"""Write a board into the checkout, for programs that read files: never over what somebody has changed."""

from __future__ import annotations

import hashlib
import os

from tmuxagents import clock
from tmuxagents.drivers import checkout_file, files
from tmuxagents.drivers.git import checkout
from tmuxagents.errors import Refused, TmuxagentsError, word
from tmuxagents.output import board_text
from tmuxagents.services.app import App
from tmuxagents.services.board import notes
from tmuxagents.store import notes as store
from tmuxagents.store.notes import Note

FOLDER, NAME = ".agents", "parallel-context.md"


def write(app: App, on: str) -> tuple[str, list[Note]]:
    """Write what is not done on that board into the checkout that one stands in; the file, and the notes that it
    holds. `Refused` where it is not as we left it: then somebody has written there, and that stays.

    What comes is recorded before it is put in its place: whoever is killed between has not written a stranger's file.
    """
    top = checkout.work_tree(os.getcwd())
    if top is None:
        raise TmuxagentsError("this is no git checkout: a board is written to the top of one", hint="git status")
    path = os.path.join(top, FOLDER, NAME)
    # A byte that is no text is none in the database either.
    key = os.fsencode(path).decode("utf-8", "backslashreplace")
    with files.locked(app.state / "boards.lock", within=30) as mine:
        if not mine:
            raise Refused("a board is being written by another command: try again", hint="tmuxagents note write")
        shown = notes.listed(app, on, everything=False)
        content = board_text.rendered([_row(app, one) for one in shown]).encode("utf-8", "replace")
        known = store.written(app.db, key)
        with app.db.write() as tx:
            store.coming(tx, key, _digest(content))
        ours = checkout_file.replace(
            top, FOLDER, NAME, content, known=lambda found: _digest(found) in known or found == content
        )
        if not ours:
            raise Refused(
                f"'{path}' was changed by somebody: it stays as it is",
                hint=f"mv -n {word(path)} {word(f'{path}.mine')}",
            )
        with app.db.write() as tx:
            store.came(tx, key, _digest(content))
    return path, shown


def _row(app: App, note: Note) -> board_text.Row:
    return board_text.Row(note.number, notes.who_of(app, note), clock.rfc3339(note.at_ns) or "", note.text)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
