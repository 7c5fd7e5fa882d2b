"""The rows over the line: what is on its way, the dialog, who else calls, a word about the line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence

from prompt_toolkit.data_structures import Size

from tmuxagents import clock
from tmuxagents.chat import panel, prompt, sending
from tmuxagents.chat.roster import Member
from tmuxagents.chat.shown import Row
from tmuxagents.output.widths import wrapped
from tmuxagents.tui.chat.room import Room
from tmuxagents.value import Value, replace

SAID_S = 6.0
"""So long a word about the line stands."""


def size_of(terminal: int) -> Size:
    """How large it is; one that nobody has told its size says 0."""
    try:
        found = os.get_terminal_size(terminal)
    except OSError:
        return Size(rows=24, columns=80)
    return Size(rows=found.lines or 24, columns=max(20, found.columns or 80))


class _Showing(Value):
    """The dialog in the panel, whether all of it is there, and all that wait."""

    asked: str | None = None
    whole: bool = False
    waiting: tuple[str, ...] = ()


class Above:
    """Decided before each drawing, for a terminal by its descriptor."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._said, self._said_s = "", float("-inf")
        self._showing = _Showing()
        self._prints: tuple[int, str] | None = None
        self._unfolded = False
        self.room: Room = None  # type: ignore[assignment]
        self.rows: list[Row] = []

    def say(self, words: str) -> None:
        """A word about the line, for a moment."""
        self._said, self._said_s = words, clock.monotonic()

    def decide(self, typed: str) -> None:
        """What stands there now, while that stands in the line."""
        size = size_of(self._terminal)
        columns = size.columns - 1
        rows: list[Row] = [*sending.rows(self.room.on_their_way, columns)]
        # Once: another thread may have others there a moment later.
        roster, unfolded = self.room.roster, self._unfolded
        asking = panel.shown(roster, self.room.focus.on)
        shown, whole = None, False
        if asking is not None and asking.asked is not None:
            most = max(3, self._rows_for_dialog(unfolded=unfolded))
            rows += panel.rows(asking, columns, most, unfolded=unfolded)
            # What is typed may take rows of its own.
            shown, whole = asking.asked.id, not typed and self._fits(asking, unfolded=unfolded)
        self._showing = _Showing(shown, whole, tuple(each.asked.id for each in roster.waiting if each.asked))
        calls = prompt.calls(roster, shown, columns)
        rows += [calls] if calls else []
        if self._said and clock.monotonic() - self._said_s < SAID_S:
            rows += [[("fail", row)] for row in wrapped(f"  {self._said}", columns)]
        # The line has at least two rows.
        most = max(1, size.rows - 2)
        if len(rows) > most:
            self._showing = replace(self._showing, whole=False)
        self.rows = rows[-most:]

    def was_drawn(self) -> None:
        """It stands on the screen."""
        now = self._showing
        ids = [now.asked] if now.asked is not None else []
        self.room.settling.was_drawn(ids, whole=ids if now.whole else [], waiting=now.waiting)

    def was_printed(self, printed: int) -> None:
        """So many batches stand in the stream."""
        if self._prints is not None and self._prints[0] <= printed:
            self.room.settling.was_printed(self._prints[1])
            self._prints = None

    def fold(self, put: Callable[[Sequence[Row]], int]) -> str:
        """Show all of the dialog, or a few rows; put it into the stream where it does not fit. What is to be said."""
        asking = self.room.asking
        if asking is None or asking.asked is None:
            return "no dialog is shown here"
        if self._fits(asking, unfolded=True):
            self._unfolded = not self._unfolded
        else:
            self._prints = (put(panel.whole(asking, size_of(self._terminal).columns - 1)), asking.asked.id)
        return ""

    def _fits(self, asking: Member, *, unfolded: bool) -> bool:
        columns, rows = size_of(self._terminal).columns - 1, self._rows_for_dialog(unfolded=unfolded)
        return not self._is_narrow() and panel.fits(asking, columns, rows, unfolded=unfolded)

    def _rows_for_dialog(self, *, unfolded: bool) -> int:
        """Beside two of the line, a word about it, who else calls and what is on its way."""
        height = size_of(self._terminal).rows
        left = height - 4 - min(len(self.room.on_their_way), sending.MOST)
        return left if unfolded else min(left, height // 2)

    def _is_narrow(self) -> bool:
        """Whether rows are longer than the terminal is wide."""
        with contextlib.suppress(OSError):
            return 0 < os.get_terminal_size(self._terminal).columns < size_of(self._terminal).columns
        return False
