"""What the rooms of the chat tell whoever shows it, and what they are given by the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tmuxagents.services.app import App
from tmuxagents.value import Value


class Front(Protocol):
    """A front of the chat. Every thread may call it."""

    @property
    def columns(self) -> int:
        """How wide it is now."""

    @property
    def printed(self) -> int:
        """How many of the batches that it was given are on the screen."""

    def put(self, rows: Sequence[str]) -> int:
        """Have the rows shown above the line, in their order; the number of the batch. Waits while it is far behind."""

    def changed(self) -> None:
        """What stands around the line is not as it was."""


class Entered(Value):
    """What became of a line. `kept`: it stays where it was typed, and `said` is why. `terminal` is a command that has
    the terminal meanwhile."""

    kept: bool = False
    said: str = ""
    terminal: tuple[str, ...] = ()
    leaves: bool = False
    edits: str | None = None


class Ran(Value):
    """How a command ended, and what it said on its two outputs."""

    code: int
    out: str
    err: str


class Given(Value):
    """What the command line gives the chat, which imports nothing of it: `open_app` opens the fleet once more, `run`
    carries out a command in this thread, `argv` is the command line of one that has the terminal, `options` are those
    of a command with whether a value follows and their help, `edit` has a file edited, `mend` rebuilds the database
    and says what became of it. `guarded` does something and says what was wrong: nothing that it raises ends a thread.
    """

    open_app: Callable[[], App]
    run: Callable[[Sequence[str]], Ran]
    argv: Callable[[Sequence[str]], list[str]]
    options: Callable[[str], Mapping[str, tuple[bool, str]]]
    edit: Callable[[Path], None]
    mend: Callable[[App], list[str]]
    guarded: Callable[[Callable[[], None]], str]
    color: bool
    unicode: bool
