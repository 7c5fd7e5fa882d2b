"""A widget that shows lines as they are, and draws again only those that have changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.tui.top import painting


class Lines(Widget, can_focus=True):
    """Shows what `show` was given last."""

    def __init__(self, *, unicode: bool, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._unicode = unicode
        self._lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Have these on the screen; where none differs nothing is drawn."""
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self.refresh()
            return
        changed = [y for y, line in enumerate(lines) if line != before[y]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One of them."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width)
        return painting.strip(self._lines[y], unicode=self._unicode).adjust_cell_length(self.size.width)
