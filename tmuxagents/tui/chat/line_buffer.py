"""The line that is typed: what it remembers, and what it completes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History

from tmuxagents.chat.offers import Offer
from tmuxagents.tui.chat import history

Offered = Callable[[str], Sequence[Offer]]
"""What is offered for the text before the cursor."""


def line_buffer(memory: Path, offered: Offered) -> Buffer:
    """An empty one."""
    return Buffer(multiline=True, history=_History(memory), completer=_Completer(offered), complete_while_typing=False)


class _History(History):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def load_history_strings(self) -> list[str]:
        """The newest first."""
        return list(reversed(history.load(self._path)))

    def store_string(self, string: str) -> None:
        """Behind the others."""
        history.add(self._path, string)


class _Completer(Completer):
    def __init__(self, offered: Offered) -> None:
        self._offered = offered

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:
        """What the chat offers here."""
        return [
            Completion(one.word, -one.length, display_meta=one.about)
            for one in self._offered(document.text_before_cursor)
        ]
