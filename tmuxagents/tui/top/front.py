"""What a terminal does for the hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tmuxagents.tui.top.beside import Work


class Front(Protocol):
    """Textual, or whoever stands in for it."""

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        """Have it carried out beside; what comes of it goes to `finished`, where it was not done behind what `undone`
        says. `words` say what it is; where it takes long they come to `late`."""

    def under_way(self) -> int:
        """How many are."""

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        """Give the terminal to another program and take it back; why it could not be given, else nothing."""

    def command(self, words: Sequence[str]) -> Sequence[str]:
        """The command line of a command of ours."""

    def options(self) -> Mapping[str, bool]:
        """The options that may stand before a task, each with whether a value follows it."""

    def open_line(self, text: str, *, selected: bool = False) -> None:
        """Have a line to type in, with that in it; `selected`: in place of which something is typed."""

    def line(self) -> str:
        """What is in it."""

    def close_line(self) -> None:
        """Have none."""

    def suspend_me(self) -> None:
        """Stop, as C-z does."""

    def leave(self, code: int) -> None:
        """End."""
