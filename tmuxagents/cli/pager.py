"""Show a long answer a page at a time, as git does: only at a terminal, and only where it does not fit."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence

from tmuxagents.cli.terminal import put, terminal_height

_USUAL = ("less", "-FRX")


def put_long(rows: Sequence[str]) -> None:
    """Write the rows, through $PAGER where they are more than the screen has."""
    text = "\n".join(rows)
    height = terminal_height() if sys.stdout.isatty() else None
    # What a row takes more than once is not counted: a pager that shows a page and a half too much does no harm.
    if height is None or text.count("\n") + 1 < height or not _paged(text):
        put(text)


def put_through(text: str, command: str) -> None:
    """Write the text through a command of a shell, which is what git calls a pager, as git does."""
    if not (command and command != "cat" and _shown(text, ["/bin/sh", "-c", command])):
        put(text)


def _paged(text: str) -> bool:
    """Whether a pager showed it; one that is empty, `cat` or cannot be started shows nothing."""
    argv = _argv(os.environ.get("PAGER"))
    return bool(argv) and argv != ["cat"] and _shown(text, argv)


def _shown(text: str, argv: Sequence[str]) -> bool:
    # less without options, as most have it in $PAGER, would show our colours as `ESC[1m`.
    env = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        pager = subprocess.Popen(argv, stdin=subprocess.PIPE, env=env)
    except OSError:
        return False
    with contextlib.suppress(BrokenPipeError):
        pager.communicate(f"{text}\n".encode("utf-8", "replace"))
    _wait(pager)
    return True


def _argv(given: str | None) -> list[str]:
    if given is None:
        return list(_USUAL)
    try:
        return shlex.split(given)
    except ValueError:
        return []


def _wait(pager: subprocess.Popen[bytes]) -> None:
    """Until it has ended: Ctrl-C is its own."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            pager.wait()
            return
