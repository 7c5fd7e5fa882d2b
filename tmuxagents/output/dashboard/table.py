"""The list of agents as lines: the columns that fit, each under its head, each group under its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tmuxagents import clock
from tmuxagents.output import columns
from tmuxagents.output.dashboard.board import Board, Entry, entries
from tmuxagents.output.dashboard.pieces import Line, Piece, fitted
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import cut, padded
from tmuxagents.value import Value

COLUMNS = ("NAME", "STATE", "FOR", "TURN", "TOK/S", "COST", "CTX", "FILES", "CONF", "QUEUE", "NOW")
GOING = ("TOK/S", "TURN", "FILES", "QUEUE", "CTX", "CONF", "COST")
"""What a narrow terminal has no room for, the first to go first; who, in which state and for how long stay."""

_STATES: Mapping[str, str] = {
    "waiting": "calls",
    "failed": "fails",
    "lost": "fails",
    "limited": "stalls",
    "unknown": "unsure",
    "working": "works",
    "ended": "dim",
}
_SILENT = frozenset({"-", ""})


class Table(Value):
    """The head of the columns and the lines of the list that are on the screen; `tick_s` is after how many seconds one
    of them looks different by itself."""

    head: Line
    lines: tuple[Line, ...]
    tick_s: float


def table(board: Board, width: int, height: int, now_ns: int) -> Table:
    """The part of the list that is on the screen."""
    shown = board.shown
    numbers = {row.id: number for number, row in enumerate(shown, 1)}
    cells = [{name: name for name in COLUMNS}, *(_cells(row, numbers[row.id], now_ns) for row in shown)]
    cells[0]["NAME"] = "  # NAME"
    by_id = {row.id: own for row, own in zip(shown, cells[1:], strict=True)}
    asked = [name for name in COLUMNS if name in _ALWAYS or any(own[name] not in _SILENT for own in cells[1:])]
    sizes = columns.placed(cells, asked, GOING, max(20, width))
    window = entries(shown)[board.top : board.top + height]
    lines = [_line(one, by_id, sizes, board.selected, width) for one in window]
    head = fitted(tuple(_placed(cells[0], sizes, lambda name: "head")), width)
    return Table(head, tuple(lines), _tick([one for one in window if isinstance(one, Row)], now_ns))


_ALWAYS = frozenset({"NAME", "STATE", "FOR", "NOW"})


def _line(
    one: Entry, cells: Mapping[str, Mapping[str, str]], sizes: Mapping[str, int], selected: str | None, width: int
) -> Line:
    if not isinstance(one, Row):
        return fitted(((one.upper(), "head"),), width)
    styles = {"NAME": f"agent:{one.color}", "STATE": _STATES.get(one.state, "")}
    if one.over_budget:
        styles["COST"] = "calls"
    if one.conflicts:
        styles["CONF"] = "calls"
    line = fitted(tuple(_placed(cells[one.id], sizes, lambda name: styles.get(name, ""))), width)
    if one.id != selected:
        return line
    # In one piece, so that it is seen without colour, and by a mark where nothing is inverted.
    text = "".join(piece for piece, _ in line)
    return ((">" + text[1:], "bar"),)


def _placed(cells: Mapping[str, str], sizes: Mapping[str, int], style: Callable[[str], str]) -> list[Piece]:
    found: list[Piece] = []
    for name, size in sizes.items():
        if found:
            found.append((" " * columns.GAP, ""))
        found.append((padded(cut(cells[name], size), size), style(name)))
    return found


def _cells(row: Row, number: int, now_ns: int) -> dict[str, str]:
    marks = ("*" if row.pinned else "") + ("-" if row.dismissed else "")
    unread = f" •{row.unread if row.unread < 100 else '99+'}" if row.unread else ""
    return {
        "NAME": f"{number:>3} {row.name}{f' {marks}' if marks else ''}{unread}",
        "STATE": row.words,
        "FOR": clock.ago(row.since_ns, now_ns),
        "TURN": str(row.turn) if row.turn else "-",
        "TOK/S": f"{row.rate:.0f}" if row.rate is not None else "-",
        "COST": f"{row.cost or '?'}/{row.budget}" if row.budget else row.cost or "-",
        "CTX": f"{row.context_left}%" if row.context_left is not None else "-",
        "FILES": str(row.files) if row.files is not None else "-",
        "CONF": f"≠{row.conflicts}" if row.conflicts else "-",
        "QUEUE": str(row.place) if row.place else "-",
        "NOW": one_line(row.said, 200),
    }


def _tick(rows: Sequence[Row], now_ns: int) -> float:
    """Seconds until an age on the screen grows."""
    ages = [max(0, now_ns - row.since_ns) for row in rows]
    lefts = [unit - age % unit for age in ages for unit in (_unit(age),)]
    return max(0.05, min(lefts, default=_LONGEST) / clock.SECOND)


_LONGEST = 3_600 * clock.SECOND


def _unit(age: int) -> int:
    seconds = age // clock.SECOND
    return (1 if seconds < 60 else 60 if seconds < 3_600 else 3_600) * clock.SECOND
