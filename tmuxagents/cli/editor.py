"""Have a person write a text in their own editor, as git does for a commit's message."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from tmuxagents.cli.terminal import tell
from tmuxagents.cli.texts import decoded
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.kinds.prompts import is_blank


def can_open() -> bool:
    """Whether a person types what we read."""
    return sys.stdin is not None and sys.stdin.isatty()


@contextlib.contextmanager
def written(start: str = "") -> Iterator[str]:
    """The text that was written; an empty one is an error. It stays in its file when what is done with it fails."""
    folder = Path(tempfile.mkdtemp(prefix="tmuxagents-"))
    file = folder / "TEXT.md"
    kept = False
    try:
        file.write_text(start, encoding="utf-8")
        edit(file, undone="nothing is said")
        raw = file.read_bytes()
        kept = True
        text = decoded(raw, "what was written")
        kept = False
        if is_blank(text):
            command = click.get_current_context().command_path
            raise TmuxagentsError("the text is empty: nothing is said", hint=f"{command} --help")
        kept = True
        yield text.rstrip()
        kept = False
    finally:
        if kept:
            tell(f"tmuxagents: your text is kept in {word(file)}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def edit(file: Path, *, undone: str) -> None:
    """Returns when the editor has ended; `undone` is what an error adds.

    The editor has the terminal also where our output goes elsewhere.
    """
    given = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        with contextlib.ExitStack() as opened:
            terminal = _terminal(opened)
            code = subprocess.run(
                [*shlex.split(given), str(file)], stdin=terminal, stdout=terminal, check=False
            ).returncode
    except (OSError, ValueError) as error:
        raise TmuxagentsError(
            f"the editor '{given[:60]}' cannot be started: {error}", hint="export EDITOR=nano"
        ) from error
    if code != 0:
        raise TmuxagentsError(f"the editor ended with {code}: {undone}", hint="export EDITOR=nano")


def _terminal(opened: contextlib.ExitStack) -> int | None:
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    opened.callback(os.close, terminal)
    return terminal
