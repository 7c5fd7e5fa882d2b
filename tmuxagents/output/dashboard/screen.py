"""The whole screen as lines, from what is looked at: the same for the same, whatever draws it."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output import detaching
from tmuxagents.output.dashboard import frame as frames
from tmuxagents.output.dashboard import graph as graphs
from tmuxagents.output.dashboard import keys, matching
from tmuxagents.output.dashboard.board import Board, entries, settled
from tmuxagents.output.dashboard.frame import Frame
from tmuxagents.output.dashboard.pieces import Line, fitted, wrapped
from tmuxagents.output.dashboard.side import Side, side
from tmuxagents.output.dashboard.table import table
from tmuxagents.output.safe_text import one_line
from tmuxagents.value import Value

Told = tuple[str, str]
"""What came of the last key, and its style."""


class View(Value):
    """What is looked at. `window` are the rows of the selected agent's window, `graph` the tasks of its run where that
    is shown instead; `peek` gives the screen to one agent, `keys` to what each key does. `empty` is told where there
    is nobody, `back` are the keys that come back from a window."""

    board: Board
    window: tuple[Line, ...] = ()
    graph: tuple[graphs.Node, ...] | None = None
    told: Told = ("", "")
    trouble: str = ""
    peek: bool = False
    keys: bool = False
    scroll: int = 0
    empty: str = ""
    back: str = "C-b d"


class Screen(Value):
    """The lines; how they are divided; whether all of a dialog has been on the screen; how far it can be scrolled, and
    after how many seconds something looks different by itself."""

    board: Board
    lines: tuple[Line, ...]
    frame: Frame
    whole: bool
    most: int
    tick_s: float


def screen(view: View, width: int, height: int, now_ns: int) -> Screen:
    """All of it, one line for each row of the terminal but the last, which is for the keys or for typing."""
    frame = frames.frame(width, height, len(entries(view.board.shown)), peek=view.peek or view.keys)
    board = settled(view.board, max(1, frame.list_height))
    beside = _beside(view, board, frame)
    head = frames.top_line(board, width, trouble=view.trouble)
    listed, tick = _list(view, board, frame, now_ns)
    if frame.beside:
        bar: Line = (("│", "dim"),)
        middle = [(*left, *bar, *right) for left, right in zip(listed, beside.lines, strict=True)]
    else:
        middle = [*listed, *beside.lines]
    rows = [head, *middle, fitted(((one_line(view.told[0], 400), view.told[1]),), width)][: max(0, height - 1)]
    rows += [fitted((), width)] * (max(0, height - 1) - len(rows))
    shown = view.board.row is not None and frame.side_height > 0 and not view.keys and view.graph is None
    return Screen(board, tuple(rows), frame, beside.whole and shown, beside.most, tick)


def last_line(view: View, width: int, made: Screen) -> Line:
    """The keys that do something now, on what was drawn."""
    row = view.board.row
    known = row is not None and row.state != "unknown"
    shows = known and made.frame.side_height > 1 and not view.keys and view.graph is None
    may = (shows and made.whole and row is not None and row.asks_whole, shows)
    on = shows and not made.whole and made.most > 0
    return frames.key_line(frames.keys_for(row, peek=view.peek or view.keys, may=may, reads_on=on), width)


def _list(view: View, board: Board, frame: Frame, now_ns: int) -> tuple[list[Line], float]:
    if frame.list_height < 1:
        return [], 3_600.0
    made = table(board, frame.list_width, frame.list_height, now_ns)
    lines = [made.head, *made.lines] if made.lines else _nobody(view, board, frame.list_width)
    lines += [fitted((), frame.list_width)] * (frame.list_height + 1 - len(lines))
    return lines[: frame.list_height + 1], made.tick_s


def _nobody(view: View, board: Board, width: int) -> list[Line]:
    if board.filter:
        words = f"nobody fits '{one_line(board.filter, 60)}': esc shows everybody"
    elif board.hidden:
        words = "everybody was dismissed: . shows them"
    else:
        words = view.empty or "no agents yet: + starts one"
    told = [words, matching.advice(board.filter)] if board.filter else [words]
    return [fitted(((row, "dim"),), width) for text in told if text for row in wrapped(text, width, 4)]


def _beside(view: View, board: Board, frame: Frame) -> Side:
    width = frame.side_width - (1 if frame.beside else 0)
    if frame.side_height < 1:
        return Side((), False, 0)
    if view.keys:
        return _scrolled(_help(view.back, width), width, frame.side_height, view.scroll)
    if view.graph is not None:
        return _scrolled(_graph(view.graph, board, width), width, frame.side_height, view.scroll)
    return side(board.row, view.window, width, frame.side_height, scroll=view.scroll)


def _scrolled(lines: Sequence[Line], width: int, height: int, scroll: int) -> Side:
    most = max(0, len(lines) - height)
    at = min(scroll, most)
    seen = list(lines[at : at + height])
    return Side(tuple(seen + [fitted((), width)] * (height - len(seen))), False, most)


_HUES = {
    "done": "works",
    "failed": "fails",
    "timed-out": "fails",
    "lost": "fails",
    "stopp": "stalls",
    "limited": "stalls",
    "waiting": "dim",
    "skipped": "dim",
    "needs": "calls",
}


def _graph(nodes: Sequence[graphs.Node], board: Board, width: int) -> list[Line]:
    row = board.row
    title = f"── {row.run if row is not None else 'run'} ".ljust(width, "─")
    lines = [fitted(((title, "dim"),), width)]
    branches = graphs.tree(nodes)
    room = max((len(one.before) + len(one.node.key) for one in branches), default=0) + 2
    states = max((len(one.node.state) for one in branches), default=0)
    for one in branches:
        also = f" after {', '.join(one.also)}" if one.also else ""
        hue = next((hue for word, hue in _HUES.items() if one.node.state.startswith(word)), "")
        name = one.node.key + " " * (room - len(one.before) - len(one.node.key))
        pieces = ((one.before, "dim"), (name, ""), (one.node.state.ljust(states), hue))
        lines.append(fitted((*pieces, (f"  {one.node.beside}", ""), (also, "dim")), width))
    return lines


def _help(back: str, width: int) -> list[Line]:
    lines = [fitted((("── keys ".ljust(width, "─"), "dim"),), width)]
    told = [(key, words.replace(detaching.KEYS, back)) for key, words in keys.TOLD]
    return [*lines, *(fitted(((f"  {key:<14}", "bold"), (words, "")), width) for key, words in told)]
