"""What the hands ask of the terminal, as Textual does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual.app import App as Textual

from tmuxagents.errors import TmuxagentsError
from tmuxagents.tui.top import lending
from tmuxagents.tui.top.beside import Acts, Work
from tmuxagents.tui.top.entry import Entry
from tmuxagents.tui.top.given import Given


class Terminal:
    """A `Front`. `taken_back` is called when another program has had the terminal."""

    def __init__(
        self, top: Textual[int], given: Given, entry: Entry, acts: Acts, *, taken_back: Callable[[], None]
    ) -> None:
        self._top, self._given, self._entry, self._acts = top, given, entry, acts
        self._taken_back = taken_back

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        """In a thread."""
        self._acts.begin(work, undone, words)

    def under_way(self) -> int:
        """How many acts are."""
        return self._acts.under_way

    def command(self, words: Sequence[str]) -> Sequence[str]:
        """As it is typed."""
        return self._given.argv(words)

    def options(self) -> Mapping[str, bool]:
        """Of `spawn`."""
        return self._given.options()

    def open_line(self, text: str, *, selected: bool = False) -> None:
        """In place of the keys."""
        self._entry.put(text, selected=selected)
        self._top.screen.add_class("typing")
        self._entry.focus()

    def line(self) -> str:
        """What is in it."""
        return self._entry.text

    def close_line(self) -> None:
        """The keys again."""
        self._top.screen.remove_class("typing")
        self._entry.put("")
        self._top.query_one("#screen").focus()

    def suspend_me(self) -> None:
        """As C-z does."""
        self._top.action_suspend_process()

    def leave(self, code: int) -> None:
        """Nothing stops by it."""
        self._top.exit(code)

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        """Give the terminal to another program until that has ended."""
        try:
            with self._top.suspend():
                # Only here is standard output the terminal again.
                lending.lend(argv, pages=pages)
        except TmuxagentsError as error:
            return error.message
        finally:
            self._taken_back()
        return ""
