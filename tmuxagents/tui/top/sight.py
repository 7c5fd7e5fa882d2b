"""What is looked at, what of it was drawn, and since when: by that a key is judged."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output.dashboard import board as boards
from tmuxagents.output.dashboard import gate as gates
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.gate import Gate
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import Screen, View, screen
from tmuxagents.output.safe_text import one_line
from tmuxagents.value import replace

UNSEEN_S = 0.5
"""A window that was not seen by then says so."""

_UNSEEN: Sequence[Line] = ((("its window is being looked at …", "dim"),),)


class Sight:
    """Times are monotonic seconds."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.drawn: Screen | None = None
        self.gate = Gate()
        self._of: str | None = None
        self._asks: object = None
        self._unseen_s: float | None = None
        self._size = (0, 0)

    def tell(self, words: str, style: str = "") -> None:
        """Say what came of something."""
        self.view = replace(self.view, told=(one_line(words, 400), style))

    def look(self, **changes: object) -> None:
        """Have something else looked at."""
        self.view = replace(self.view, **changes)

    def narrow(self, board: Board) -> None:
        """Look at that of the list, with somebody selected who is shown."""
        self.look(board=boards.settled(board, self.height))

    def at_rest(self) -> None:
        """The last key was meant: what comes next is no word that it began."""
        self.gate = replace(self.gate, letter_s=None)

    @property
    def height(self) -> int:
        """The lines of the list."""
        return max(1, self.drawn.frame.list_height) if self.drawn is not None else 10

    @property
    def row(self) -> Row | None:
        """Who is selected."""
        return self.view.board.row

    @property
    def watched(self) -> Row | None:
        """Whose window is on the screen."""
        made = self.drawn
        shows = made is not None and made.frame.side_height > 0 and self.view.graph is None and not self.view.keys
        return self.row if shows else None

    def window(self, agent_id: str, lines: Sequence[Line]) -> bool:
        """What that agent's window shows; whether that is to be drawn."""
        if agent_id != self.view.board.selected:
            return False
        told = self._unseen_s is not None or tuple(lines) != self.view.window
        self._unseen_s = None
        self.look(window=tuple(lines))
        return told

    def draw(self, width: int, height: int, *, now_ns: int, now_s: float) -> Screen:
        """The screen now, which is taken as drawn."""
        made = screen(self.view, width, height, now_ns)
        if made.board.selected != self._of:
            # Nothing of another one's window.
            self._of = made.board.selected
            self.look(board=made.board, window=(), scroll=0)
            self._unseen_s = now_s
            made = screen(self.view, width, height, now_ns)
        self.look(board=made.board)
        self.drawn = made
        made = self._from_its_beginning((width, height), now_ns, now_s)
        made = self._with_a_word(made, (width, height), now_ns, now_s)
        row = self.watched
        agent, dialog = (row.id, row.dialog_id) if row is not None else (None, None)
        self.gate = gates.drawn(self.gate, agent, dialog, now_s, whole=made.whole)
        return made

    def _from_its_beginning(self, size: tuple[int, int], now_ns: int, now_s: float) -> Screen:
        """Another dialog, one of which more is known by now, and one whose rows are of another width: none is passed
        over by what was read of the last."""
        assert self.drawn is not None
        row = self.row
        dialog = row.dialog if row is not None else None
        asked = (dialog.what, dialog.about, dialog.choices) if dialog is not None else None
        before, self._asks = self._asks, (row.dialog_id if row is not None else None, asked)
        other = before != self._asks
        if other:
            self.gate = gates.drawn(self.gate, None, None, now_s)
        moved, self._size = size != self._size, size
        if self.view.scroll and asked is not None and (other or moved):
            self.look(scroll=0)
            self.drawn = screen(self.view, *size, now_ns)
        return self.drawn

    def _with_a_word(self, made: Screen, size: tuple[int, int], now_ns: int, now_s: float) -> Screen:
        """Where its window does not show what it shows, because nobody can look, or has yet."""
        row = self.watched
        if row is None or self.view.window or (self._unseen_s is None and row.state != "unknown"):
            return made
        left = 0.0 if self._unseen_s is None else self._unseen_s + UNSEEN_S - now_s
        if left > 0:
            return replace(made, tick_s=min(made.tick_s, left + 0.01))
        self.drawn = screen(replace(self.view, window=_UNSEEN), *size, now_ns)
        return self.drawn
