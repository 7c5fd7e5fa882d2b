"""What the help of a command is written on: as wide as the terminal is, also where that is narrow."""

from __future__ import annotations

import click

from tmuxagents.cli.terminal import terminal_width

WIDEST = 100
_PIPED = 80
_MARGIN = 2
_LEAST = 12
"""Cells for the names of all commands."""


class Sheet(click.HelpFormatter):
    """click's own, which writes 50 cells where a terminal has 40."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        wide = min(terminal_width() or _PIPED, max_width or _PIPED) - _MARGIN
        super().__init__(indent_increment, width if width is not None else wide, max_width)

    def getvalue(self) -> str:
        """Without the blank that click leaves behind a usage that goes on below."""
        return "\n".join(row.rstrip() for row in super().getvalue().split("\n"))

    def write_dl(self, rows: list[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:  # type: ignore[override]
        """What an option does has most of a narrow sheet."""
        super().write_dl(rows, min(col_max, max(_LEAST, self.width // 3)), col_spacing)
