"""`tmuxagents top`"""

from __future__ import annotations

import gc
import locale
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tmuxagents.cli.options import with_app
from tmuxagents.cli.scope import narrowed
from tmuxagents.cli.terminal import wants_color
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App, open_again
from tmuxagents.services.fleet import attach
from tmuxagents.services.fleet.selection import Narrowing

if TYPE_CHECKING:
    from tmuxagents.services.fleet.dashboard import Picture


@click.command()
@click.argument("filter_", metavar="[FILTER]...", nargs=-1)
@narrowed
@with_app
def command(app: App, filter_: tuple[str, ...], narrow: Narrowing) -> None:
    """The dashboard: a row for each agent, those who need you first, and the window of the one that you are at.

    `?` shows its keys. Whatever it does is a command's: a line is delivered and proven as by `say`, a dialog is
    settled only as it was read. FILTER is what `/` takes: words, folder:api, run:night, kind:claude, state:waiting,
    is:pinned, -word. Leaving it stops nothing.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise TmuxagentsError("top needs a terminal", hint="tmuxagents ls")
    # Refuses one that can draw no screen.
    attach.terminal_type()
    named, state = app.named, str(app.state)
    unicode, color, words = _has_unicode(), wants_color(), " ".join(filter_)
    # What is imported makes no garbage: looking for it took a fifth of the opening.
    gc.disable()
    first = _shown_first(app, narrow, words, unicode=unicode, color=color)
    app.close()

    def opener() -> App:
        opened = open_again(state)
        opened.named = named
        return opened

    def argv(words: Sequence[str]) -> list[str]:
        return [sys.executable, "-P", "-m", "tmuxagents", "--state-dir", state, *words]

    try:
        # It takes four times as long to import as all the rest.
        from tmuxagents.tui.top import app as tops
        from tmuxagents.tui.top.given import Given

        given = Given(opener, narrow.takes, argv, _options, filter=words, unicode=unicode, color=color, first=first)
        code = tops.run(given)
    except BaseException:
        # Textual leaves it by itself, once it is there.
        sys.stderr.write(_CLOSE)
        sys.stderr.flush()
        raise
    sys.exit(code)


def _options() -> Mapping[str, bool]:
    from tmuxagents.cli import own_lines

    return own_lines.takes("s")


_OPEN, _CLOSE = "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h"


def _shown_first(app: App, narrow: Narrowing, words: str, *, unicode: bool, color: bool) -> Picture:
    """The list at once, as it will be drawn: what draws it then takes half a second to be there."""
    from tmuxagents import clock
    from tmuxagents.output.dashboard import looks
    from tmuxagents.output.dashboard.board import Board
    from tmuxagents.output.dashboard.screen import View, screen
    from tmuxagents.services.fleet import dashboard

    picture = dashboard.look(app, narrow.takes)
    size = os.get_terminal_size(sys.stderr.fileno())
    view = View(Board(picture.rows, filter=words), trouble=picture.trouble)
    made = screen(view, size.columns or 80, size.lines or 24, clock.now_ns())
    # Where Textual writes as well.
    sys.stderr.write(_OPEN + looks.painted(made.lines, color=color, unicode=unicode))
    sys.stderr.flush()
    return picture


def _has_unicode() -> bool:
    """Whether the terminal is said to show more than ASCII."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    return "utf" in told.lower().replace("-", "") or (
        not told and locale.getpreferredencoding(False).lower() == "utf-8"
    )
