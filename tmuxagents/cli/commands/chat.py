"""`tmuxagents chat`"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from tmuxagents.chat.shown import Signs, painted
from tmuxagents.cli import inside, own_lines
from tmuxagents.cli.options import with_app
from tmuxagents.cli.terminal import terminal_height, terminal_width, wants_color
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App, check_there, open_again
from tmuxagents.tui.chat import opening
from tmuxagents.tui.chat.front import Given, Ran

if TYPE_CHECKING:
    from tmuxagents.tui.chat.plain import Plain
    from tmuxagents.tui.chat.shell import Shell

HISTORY = "chat-history"

FOLDER = "chats"
"""What was entered in each chat and has no end yet."""


@click.command()
@click.option("--plain", is_flag=True, help="Line by line, nothing is drawn anew: for screen readers and phones.")
@with_app
def command(app: App, plain: bool) -> None:
    """One conversation with all agents: the merged stream above, one line below.

    `/s TASK` starts one, `@NAME TEXT` says something to it, a text without a name goes to whom the prompt names.
    /help lists the rest. Leaving (Ctrl-D) stops nothing.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TmuxagentsError("chat needs a terminal", hint="tmuxagents tail")
    given = _given(app)
    plain = plain or _is_dumb()
    rows, began = opening.first_page(app, count=_page(), width=terminal_width() or 80, color=given.color)
    memory, folder = app.state / HISTORY, app.state / FOLDER
    stdin, stdout = sys.stdin, sys.stdout
    signs = Signs(unicode=given.unicode)
    with _left(app, folder, color=given.color) as left:
        app.close()
        for row in [*rows, *left]:
            click.echo(signs.safe(row).encode("utf-8", "replace"), color=True)
        stdout.flush()

    inside.route()
    # A key waits for no thread that computes longer than this.
    sys.setswitchinterval(0.001)
    front = _front(given, memory, stdin, stdout, plain=plain)
    sys.exit(_shown(front, given, began, folder, plain=plain))


@contextlib.contextmanager
def _left(app: App, folder: Path, *, color: bool) -> Iterator[list[str]]:
    """What chats that were cut off have left."""
    if not any(folder.glob("*.jsonl")):
        yield []
        return
    from tmuxagents.tui.chat import leftover

    with leftover.told(app, folder) as rows:
        yield [painted(row, color=color) for row in rows]


def _shown(front: Shell | Plain, given: Given, began: opening.Place, folder: Path, *, plain: bool) -> int:
    # What the first page needs none of.
    from tmuxagents.tui.chat.feed import Feed
    from tmuxagents.tui.chat.keeper import Keeper
    from tmuxagents.tui.chat.room import Room

    front.room = room = Room(given, front, always=plain, folder=folder)
    room.feed = following = Feed(given, front, began, room.heard)
    keeping = Keeper(given, front)
    following.start()
    keeping.start()
    try:
        return front.run()
    finally:
        keeping.end()
        following.end()


def _front(given: Given, memory: Path, stdin: TextIO, stdout: TextIO, *, plain: bool) -> Shell | Plain:
    if plain:
        from tmuxagents.tui.chat.plain import Plain

        return Plain(given, stdin, stdout, memory)
    # It imports prompt_toolkit, which takes longer than the first page.
    from tmuxagents.tui.chat.shell import Shell

    return Shell(given, stdin, stdout, memory)


def _page() -> int:
    """Entries of the first page: as many as there are rows."""
    return max(5, (terminal_height() or 24) - 4)


def _given(app: App) -> Given:
    named = ["--state-dir", app.named] if app.named else []
    state = app.state

    def run(argv: Sequence[str]) -> Ran:
        check_there(app.named)
        return Ran(*inside.run([*named, *argv]))

    def typed(argv: Sequence[str]) -> list[str]:
        # Of one that is named and gone a command says so.
        where = named if named or state.is_dir() else ["--state-dir", str(state)]
        return [sys.executable, "-P", "-m", "tmuxagents", *where, *argv]

    return Given(
        open_app=functools.partial(open_again, app.named),
        run=run,
        argv=typed,
        options=own_lines.options,
        edit=_edit,
        mend=_mend,
        guarded=functools.partial(_guarded, [*named, "chat"]),
        color=wants_color() and not _is_dumb(),
        unicode=_is_unicode(),
    )


def _edit(file: Path) -> None:
    from tmuxagents.cli import editor

    editor.edit(file, undone="the line is as it was")


def _mend(app: App) -> list[str]:
    from tmuxagents.services.repair import rebuild

    report = rebuild.rebuild(app)
    return list(report.lines()) if report is not None else []


def _guarded(argv: Sequence[str], job: Callable[[], None]) -> str:
    from tmuxagents.cli import boundary

    return boundary.guarded(argv, job)


def _is_unicode() -> bool:
    """Whether the terminal shows more than ASCII, as far as its locale says. Python itself sets LC_CTYPE to C.UTF-8
    where it finds none."""
    coerced = os.environ.get("LC_CTYPE") == "C.UTF-8" and not os.environ.get("LC_ALL")
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    said = next((value for name in names if (value := os.environ.get(name))), "UTF-8")
    return "utf8" in said.lower().replace("-", "")


def _is_dumb() -> bool:
    """Whether the terminal can only write."""
    return os.environ.get("TERM", "dumb") in ("dumb", "")
