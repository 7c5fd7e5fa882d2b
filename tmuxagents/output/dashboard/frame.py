"""Where what stands on a screen of a given size, its first line and its last."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.pieces import Line, fitted
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import width_of
from tmuxagents.value import Value

_WIDE, _LIST = 140, 0.56
"""From so many columns on the window stands beside the list, which has this share of them."""

_TALL = 16
"""From so many rows on it stands below it."""

_LEAST = 4


class Frame(Value):
    """The cells of the list and of what is told of one agent, `beside` it or below; 0 where that has no room. The
    first row of the screen and its last two are taken: what is shown, what came of the last key, which keys there are.
    Above the list stands a row with the heads of its columns."""

    list_width: int
    list_height: int
    side_width: int
    side_height: int
    beside: bool = False


def frame(width: int, height: int, lines: int, *, peek: bool = False) -> Frame:
    """The screen, where the list has so many lines; `peek` gives all of it to one agent."""
    room = max(0, height - 3)
    if peek:
        return Frame(width, 0, width, room)
    if width >= _WIDE and room > _LEAST:
        left = int(width * _LIST)
        return Frame(left, room - 1, width - left, room, beside=True)
    if room < _TALL - 3:
        return Frame(width, max(0, room - 1), width, 0)
    # A short list leaves the rest to the window; a long one has half.
    list_height = max(_LEAST, min(lines, room // 2))
    return Frame(width, list_height, width, room - list_height - 1)


def top_line(board: Board, width: int, *, trouble: str = "") -> Line:
    """`5 agents · 1 needs you · 2 working · $0.42`, or what is wrong."""
    rows = board.rows
    needy = sum(row.group == "needs you" for row in rows)
    unknown = sum(row.group == "unknown" for row in rows)
    working = sum(row.group == "working" for row in rows)
    queued = sum(row.group == "queued" for row in rows)
    spent = [row.microusd for row in rows if row.microusd is not None]
    calls = f"{needy} {'needs' if needy == 1 else 'need'} you" if needy else ""
    parts = [
        (f"{len(rows)} {'agent' if len(rows) == 1 else 'agents'}", "bold"),
        (calls, "calls"),
        (f"{unknown} unknown" if unknown else "", "unsure"),
        (f"{working} working" if working else "", ""),
        (f"{queued} queued" if queued else "", ""),
        (f"${sum(spent) / 1e6:.2f}" if spent else "", ""),
        (f"{board.hidden} dismissed" if board.hidden else "", "dim"),
        (f"/{one_line(board.filter, 60)}" if board.filter else "", "works"),
    ]
    told: list[tuple[str, str]] = []
    if trouble:
        told = [(one_line(trouble, 400), "fails"), (" · ", "dim")]
    for text, style in parts:
        if text:
            told += [(text, style), (" · ", "dim")]
    return fitted(tuple(told[:-1]), width)


def key_line(keys: Sequence[tuple[str, str]], width: int) -> Line:
    """The keys and what they do, as many as have room, the last two before those in the middle."""
    found: list[tuple[str, str]] = []
    left = width
    last = sum(_cells(one) for one in keys[-2:])
    for at, (key, words) in enumerate(keys):
        taken = _cells((key, words))
        if taken > (left if at >= len(keys) - 2 or last > width // 2 else left - last):
            continue
        found += [(key, "bold"), (f" {words}  ", "dim")]
        left -= taken
    return fitted(tuple(found), width)


def _cells(key: tuple[str, str]) -> int:
    return width_of(key[0]) + width_of(key[1]) + 3


def keys_for(
    row: Row | None, *, peek: bool, may: tuple[bool, bool] = (True, True), reads_on: bool = False
) -> list[tuple[str, str]]:
    """Those that do something now, the most wanted first. `may` are whether a yes counts, and a no; `reads_on` that
    its dialog goes on below."""
    found = [("esc", "list") if peek else ("space", "peek")]
    if row is not None and row.dialog is not None:
        yes, no = may
        found += [("PgDn", "read on")] if reads_on else []
        found += [("F8", "yes")] if yes else []
        found += [("F9", "no")] if no else []
        found += [("F6", "choose")] if yes and row.dialog.choices else []
    found.append(("enter", "attach"))
    if row is not None and row.dialog is None and not row.is_over:
        found.append(("t", "type"))
    found.append(("+", "new"))
    found += [("/", "filter"), ("d", "diff")] if row is not None and row.has_worktree else [("/", "filter")]
    found += [("s", "stop")] if row is not None and not row.is_over else []
    found += [("p", "unpin" if row.pinned else "pin")] if row is not None else []
    found += [("x", "show" if row.dismissed else "dismiss")] if row is not None and row.may_leave else []
    found += [("g", "graph")] if row is not None and row.run else []
    return [*found, ("?", "keys"), ("q", "quit")]
