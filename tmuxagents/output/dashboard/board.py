"""What is looked at: the rows, the filter, who is selected and which part of the list is on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output.dashboard import matching
from tmuxagents.output.dashboard.row import GROUPS, Row, in_order
from tmuxagents.value import Value, replace


class Board(Value):
    """`selected` is an id, and stays with its agent wherever that moves; `top` is the first line that is shown of the
    list, whose lines are `entries`."""

    rows: tuple[Row, ...] = ()
    filter: str = ""
    with_dismissed: bool = False
    selected: str | None = None
    top: int = 0

    @property
    def shown(self) -> list[Row]:
        """The rows that the filter leaves, in their order. Who needs you is never hidden as dismissed."""
        wanted = matching.terms(self.filter)
        return in_order([row for row in self.rows if self._is_there(row) and matching.takes(wanted, row)])

    def _is_there(self, row: Row) -> bool:
        return self.with_dismissed or not row.dismissed or row.group == "needs you" or self._asks_for_dismissed

    @property
    def _asks_for_dismissed(self) -> bool:
        return any(term.key == "is" and term.text == "dismissed" for term in matching.terms(self.filter))

    @property
    def hidden(self) -> int:
        """How many are not shown because they were dismissed."""
        return sum(not self._is_there(row) for row in self.rows)

    @property
    def row(self) -> Row | None:
        """Who is selected."""
        return next((row for row in self.rows if row.id == self.selected), None)


Entry = Row | str
"""A line of the list: an agent, or the head of a group."""


def entries(shown: Sequence[Row]) -> list[Entry]:
    """The lines of the list, each group under its head."""
    found: list[Entry] = []
    for group in GROUPS:
        own = [row for row in shown if row.group == group]
        found += [f"{group} {len(own)}", *own] if own else []
    return found


def settled(board: Board, height: int) -> Board:
    """The same with somebody selected who is shown, and within the part on the screen."""
    shown = board.shown
    if not shown:
        return replace(board, selected=None, top=0)
    ids = [row.id for row in shown]
    selected = board.selected if board.selected in ids else shown[0].id
    lines = entries(shown)
    at = next(n for n, one in enumerate(lines) if isinstance(one, Row) and one.id == selected)
    # The head of its group stays with the first of it.
    first = at - 1 if at and isinstance(lines[at - 1], str) else at
    top = min(board.top, first) if height > 1 else at
    top = max(top, at - height + 1)
    return replace(board, selected=selected, top=max(0, min(top, max(0, len(lines) - height))))


def with_rows(board: Board, rows: Sequence[Row], height: int) -> Board:
    """The team as it is now. Where who was selected is gone, whoever stands in that place is."""
    before = [row.id for row in board.shown]
    now = replace(board, rows=tuple(rows))
    ids = [row.id for row in now.shown]
    if board.selected not in ids and board.selected in before and ids:
        at = before.index(board.selected)
        left = [each for each in before[at:] if each in ids] or [each for each in reversed(before[:at]) if each in ids]
        now = replace(now, selected=left[0] if left else ids[0])
    return settled(now, height)


def moved(board: Board, by: int, height: int) -> Board:
    """So many agents down, up where that is negative; not beyond the ends."""
    ids = [row.id for row in board.shown]
    if board.selected not in ids:
        return settled(board, height)
    at = max(0, min(len(ids) - 1, ids.index(board.selected) + by))
    return settled(replace(board, selected=ids[at]), height)


def jumped(board: Board, number: int, height: int) -> Board:
    """To the agent with that number, counted from 1; nowhere where there is none."""
    shown = board.shown
    if not 1 <= number <= len(shown):
        return board
    return settled(replace(board, selected=shown[number - 1].id), height)


def at_line(board: Board, line: int) -> str | None:
    """Whose line that is, counted from the first on the screen; None for a head, or nothing."""
    lines = entries(board.shown)
    at = board.top + line
    one = lines[at] if 0 <= at < len(lines) else None
    return one.id if isinstance(one, Row) else None
