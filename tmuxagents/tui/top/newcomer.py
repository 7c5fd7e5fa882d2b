"""Select who was started here, unless somebody has gone on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.row import Row
from tmuxagents.tui.top.sight import Sight
from tmuxagents.value import replace


class Newcomer:
    """From the Enter that asks for it until its row is there: a key in between, and it is as anybody's."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._awaited = False
        self._coming = ""

    def asked(self) -> None:
        """It is being started."""
        self._awaited = True

    def pressed(self) -> None:
        """A key was pressed: nothing moves under a hand."""
        self._awaited, self._coming = False, ""

    def started(self, agent_id: str) -> None:
        """That is the one. It may have been seen before that was known."""
        self._coming = agent_id if self._awaited else ""
        self._sight.narrow(self.among(self._sight.view.board.rows))

    def among(self, rows: Sequence[Row]) -> Board:
        """The list, where it is in these rows with that one selected."""
        board = self._sight.view.board
        if self._coming not in [row.id for row in rows]:
            return board
        coming, self._coming = self._coming, ""
        if coming in [row.id for row in replace(board, rows=tuple(rows)).shown]:
            return replace(board, selected=coming)
        self._sight.tell(f"{self._sight.view.told[0]}; the filter hides it", "stalls")
        return board
