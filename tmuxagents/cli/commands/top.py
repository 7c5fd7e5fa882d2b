"""`tmuxagents top`"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Sequence

import click

from tmuxagents.cli.options import with_app
from tmuxagents.cli.scope import narrowed
from tmuxagents.cli.terminal import wants_color
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App, open_app
from tmuxagents.services.fleet.selection import Narrowing


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
    named, state = app.named, str(app.state)
    app.close()
    # It takes longer to import than all the rest.
    from tmuxagents.tui.top import app as tops

    def opener() -> App:
        opened = open_app(state)
        opened.named = named
        return opened

    def argv(words: Sequence[str]) -> list[str]:
        return [sys.executable, "-P", "-m", "tmuxagents", "--state-dir", state, *words]

    given = tops.Given(opener, narrow.takes, argv, " ".join(filter_), unicode=_has_unicode(), color=wants_color())
    sys.exit(tops.run(given))


def _has_unicode() -> bool:
    """Whether the terminal is said to show more than ASCII."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    return "utf" in told.lower().replace("-", "") or (
        not told and locale.getpreferredencoding(False).lower() == "utf-8"
    )
