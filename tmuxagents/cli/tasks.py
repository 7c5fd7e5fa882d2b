"""The tasks that a `spawn` was given: as words, on standard input, in a file, in an editor."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import click

from tmuxagents.cli.texts import checked, read_input, read_text
from tmuxagents.errors import BadValue


def given(held: contextlib.ExitStack, tasks: Sequence[str], *, each: str | None, edit: bool) -> list[str | None]:
    """Every task, `[None]` where there is none. What was written in an editor is kept until `held` is closed."""
    wanted: list[str | None] = [read_input() if task == "-" else checked(task, "the task") for task in tasks]
    if edit:
        if len(wanted) > 1 or each is not None:
            raise click.UsageError("--edit is for one task")
        # It imports three compressors; a task that is given waits for none.
        from tmuxagents.cli import editor

        wanted = [held.enter_context(editor.written(wanted[0] or "" if wanted else ""))]
    if each is not None:
        found = in_lines(read_input() if each == "-" else read_text((), each))
        if not found:
            raise BadValue(f"'{each}' holds no task: one a line, # begins a comment", hint="tmuxagents spawn --help")
        wanted += found
    return wanted or [None]


def in_lines(text: str) -> list[str]:
    """A task a line; blank lines and those that begin with `#` are none, `\\#` begins one with `#`."""
    lines = [line.strip() for line in text.splitlines()]
    return [line[1:] if line.startswith("\\#") else line for line in lines if line and not line.startswith("#")]
