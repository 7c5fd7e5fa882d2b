"""Move in what is looked at: by keys, numbers, the wheel, a click."""

from __future__ import annotations

from tmuxagents.output.dashboard import board as boards
from tmuxagents.tui.top.sight import Sight
from tmuxagents.value import replace

TOGETHER_S = 0.8
"""Digits that come within so long are one number."""


class Moving:
    """Who is selected, and how far is read on."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._number, self._number_s = 0, 0.0

    def move(self, by: int) -> None:
        """So many agents down."""
        if self._sight.view.keys:
            self.scroll(by)
        else:
            self._sight.look(board=boards.moved(self._sight.view.board, by, self._sight.height))

    def page(self, by: int) -> None:
        """A dialog that is longer than its place is read on; else the list turns a page."""
        if self._sight.drawn is not None and self._sight.drawn.most > 0:
            self._sight.tell("")
            self.scroll(by)
        else:
            self.move(by * max(1, self._sight.height - 2))

    def wheel(self, by: int) -> None:
        """What is on the screen moves."""
        if self._sight.view.peek or self._sight.view.keys:
            self.scroll(by)
        else:
            self.move(by)

    def scroll(self, by: int) -> None:
        """What stands beside the list goes on by so many of its pages."""
        drawn = self._sight.drawn
        if drawn is not None:
            step = max(1, drawn.frame.side_height - 3)
            self._sight.look(scroll=max(0, min(drawn.most, self._sight.view.scroll + by * step)))

    def jump(self, digit: int, now_s: float) -> None:
        """To the agent with that number, which may have several digits."""
        together = now_s - self._number_s < TOGETHER_S
        self._number, self._number_s = (self._number * 10 if together else 0) + digit, now_s
        before = self._sight.view.board
        board = boards.jumped(before, self._number, self._sight.height)
        if board is before and digit:
            # 1 and then 5 where there are 12: the fifth is meant.
            self._number = digit
            board = boards.jumped(board, digit, self._sight.height)
        self._sight.look(board=board)

    def click(self, x: int, y: int, *, again: bool) -> None:
        """The one on that line is selected, and peeked at by a second click."""
        if self._sight.drawn is None:
            return
        line, frame, board = y - 2, self._sight.drawn.frame, self._sight.view.board
        inside = 0 <= line < frame.list_height and x < frame.list_width
        found = boards.at_line(board, line) if inside else None
        if found is None:
            return
        if again and found == board.selected:
            self._sight.look(peek=True, scroll=0)
        self._sight.look(board=replace(board, selected=found))
