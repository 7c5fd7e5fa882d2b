"""The line on a terminal that gets another width: what was drawn is taken off as the rows that it is by now."""

from __future__ import annotations

import asyncio
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.screen import Char, Screen
from prompt_toolkit.renderer import Renderer

from tmuxagents import clock
from tmuxagents.chat import reflow
from tmuxagents.tui.chat.framed import FramedOutput

SETTLES_S = 0.3
"""So long after it has got another width nothing is drawn: whoever drags a window does it again, and tmux 3.3a tells of
that up to 250 ms after it has wrapped its rows. What is drawn meanwhile is drawn for a width that is gone."""


class OnScreen(Application[int]):
    """Draws the line, but while the terminal is `away` or has only just got another width."""

    away = False
    output: FramedOutput

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.renderer = ReflowedRenderer(self._merged_style, self.output)
        self._resized_s, self._width = float("-inf"), self.output.get_size().columns

    @property
    def holds(self) -> bool:
        """Nothing is drawn now; it will be."""
        return clock.monotonic() - self._resized_s < SETTLES_S

    def _on_resize(self) -> None:
        width = self.output.get_size().columns
        if self.output.wraps_anew and width != self._width:
            self._resized_s = clock.monotonic()
            asyncio.get_running_loop().call_later(SETTLES_S + 0.01, self._redraw)
        elif not self.away and not self.holds:
            with self.output.frame():
                super()._on_resize()
        self._width = width

    def _redraw(self, render_as_done: bool = False) -> None:
        if render_as_done or not self.holds:
            super()._redraw(render_as_done)


class ReflowedRenderer(Renderer):
    """prompt_toolkit's, which goes up as many rows as it has drawn. On a terminal that wraps them anew it goes up as
    many as they are now."""

    output: FramedOutput

    def erase(self, leave_alternate_screen: bool = True) -> None:
        """From the first row of the line on."""
        # In which column the cursor is by now does not matter.
        self.output.write_raw("\r")
        self._cursor_pos = Point(0, self._above())
        super().erase(leave_alternate_screen)

    def _above(self) -> int:
        screen, size = self.last_rendered_screen, self.output.get_size()
        x, y = self._cursor_pos
        if not self.output.wraps_anew or screen is None or size == self._last_size:
            return y
        return reflow.rows_above([_written(screen, row) for row in range(screen.height)], x, y, size.columns)

    def render(self, app: Application[Any], layout: Layout, is_done: bool = False) -> None:
        """One write."""
        with self.output.frame():
            if self._last_size not in (None, self.output.get_size()):
                self.erase()
            self.output.shortened = False
            super().render(app, layout, is_done)
            if self.output.shortened and self.output.wraps_anew and not is_done:
                # tmux 3.3a keeps what is cleared at the end of a row as a part of it, and wraps that as well: what was
                # written is drawn alone.
                self.erase()
                super().render(app, layout)


def _written(screen: Screen, row: int) -> list[int]:
    """The cells of each character of a row, without the blanks at its end: those are not written."""
    there = screen.data_buffer[row]
    last = max((at for at, char in there.items() if char.char not in (" ", "")), default=-1)
    return [cells for at in range(last + 1) for cells in _cells(there[at])]


def _cells(char: Char) -> list[int]:
    """A wide character is one; `^A` are two."""
    return [1] * char.width if char.width == len(char.char) else [char.width]
