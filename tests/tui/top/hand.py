"""Hands at a front that writes down what it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tests.output.dashboard.rows import NOW
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import View
from tmuxagents.tui.top.beside import Work
from tmuxagents.tui.top.hands import Hands


class Desk:
    """A front that writes down what it is asked for."""

    def __init__(self) -> None:
        self.begun: list[Work] = []
        self.undone: list[Callable[[], str]] = []
        self.typed: str | None = None
        self.left: int | None = None
        self.given: list[Sequence[str]] = []
        self.commands: list[Sequence[str]] = []
        self.running = 0

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        self.begun.append(work)
        self.undone.append(undone)

    def under_way(self) -> int:
        return self.running

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        self.given.append(argv)
        return ""

    def command(self, words: Sequence[str]) -> Sequence[str]:
        self.commands.append(tuple(words))
        return ["tmuxagents", *words]

    def options(self) -> Mapping[str, bool]:
        return {"--name": True, "-w": False}

    def open_line(self, text: str, *, selected: bool = False) -> None:
        self.typed = text

    def line(self) -> str:
        assert self.typed is not None
        return self.typed

    def close_line(self) -> None:
        self.typed = None

    def suspend_me(self) -> None:
        self.left = -1

    def leave(self, code: int) -> None:
        self.left = code


def hands(*rows: Row, size: tuple[int, int] = (100, 30)) -> tuple[Hands, Desk]:
    """Drawn at second 0."""
    desk = Desk()
    made = Hands(desk, View(Board(rows)))
    made.sight.draw(*size, now_ns=NOW, now_s=0.0)
    return made, desk


def press(made: Hands, keys: str, now_s: float) -> None:
    """Printable keys, one after another, each drawn."""
    for key in keys:
        made.key("space" if key == " " else key, key, now_s)
        made.sight.draw(100, 30, now_ns=NOW, now_s=now_s)


def press_one(made: Hands, key: str, now_s: float) -> None:
    """A key that prints nothing, drawn."""
    made.key(key, None, now_s)
    made.sight.draw(100, 30, now_ns=NOW, now_s=now_s)


def write(made: Hands, desk: Desk, text: str) -> None:
    """Have that in the line."""
    desk.typed = text
    made.typed(text)


def seen(made: Hands, *rows: Row, now_s: float) -> None:
    """Another look at the team."""
    made.seen(rows, trouble="", graph=None, news="")
    made.sight.draw(100, 30, now_ns=NOW, now_s=now_s)
