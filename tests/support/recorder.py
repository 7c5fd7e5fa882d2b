"""Record what a real terminal shows: keys are pressed, and the whole screen is kept as soon as a fact is on it.

The agents are scripted (`kind = "demo"`), so that no account is needed and they say the same each time; all else is as
anybody runs it: the controller, the tmux server, the journal. A frame is never what stood there at some moment.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import fleet, keyboard
from tests.support.cast import Frame
from tests.support.fleet import Fleet, eventually

COLUMNS, ROWS = 92, 26
_HIGH = 60
"""Rows of the terminal: nothing scrolls in it. Where a screen that has scrolled stands depends on what was drawn on it
meanwhile, which is another thing each time; a frame is the end of it, as a terminal of `ROWS` rows shows it."""

_CONFIG = 'kind = "demo"\nargs = ["--speed", "0"]\nconfirm_s = 100\n'
_TYPED_S, _READ_S = 0.16, 2.4

Fact = Callable[[str], bool]


@dataclass(slots=True)
class Recorder:
    """Presses keys and keeps a frame for each."""

    fleet: Fleet
    window: keyboard.Window
    frames: list[Frame] = field(default_factory=list)

    def type(self, text: str) -> None:
        """Word by word."""
        typed = ""
        for word in re.findall(r"\s*\S+", text):
            typed += word
            self.window.type(word)
            self._keep(lambda screen: screen.endswith(typed), _TYPED_S, "")  # noqa: B023 - it is asked at once

    def press(self, key: str, fact: Fact, *, seconds: float = _READ_S, shown: str = "") -> None:
        """Press it, and keep what is there when the fact is."""
        self.window.press(key)
        self._keep(fact, seconds, shown)

    def _keep(self, fact: Fact, seconds: float, pressed: str) -> None:
        self.frames.append(eventually(lambda: self._frame(fact, seconds, pressed), explain=self.window.screen))

    def _frame(self, fact: Fact, seconds: float, pressed: str) -> Frame | None:
        screen, (x, y) = self.window.painted()
        # The terminal's own name is another each time.
        rows = [re.sub(r"by you on [\w/]+", "by you on pts/3", row).rstrip() for row in screen.split("\n")][: y + 1]
        found = Frame(tuple(rows[-ROWS:]), (x, min(y, ROWS - 1)), seconds, pressed)
        return found if fact(found.text.rstrip()) else None

    def whole(self, fact: Fact) -> Frame:
        """What fills the screen of a terminal of `ROWS` rows, when the fact is there; no cursor stands in it."""

        def shown() -> Frame | None:
            found = Frame(tuple(row.rstrip() for row in self.window.painted()[0].split("\n")), None, _READ_S)
            return found if fact(found.text) else None

        frame: Frame = eventually(shown, explain=self.window.screen)
        return frame


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """One with a short path, for a while."""
    with tempfile.TemporaryDirectory(prefix="ta-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextlib.contextmanager
def recorder(roots: fleet.Roots = folder) -> Iterator[Recorder]:
    """A shell in a terminal, and a fleet of its own in one of those folders."""
    with roots() as root:
        made = fleet.make(root)
        try:
            with _shell(made) as window:
                yield Recorder(made, window)
        finally:
            made.end()


@contextlib.contextmanager
def _shell(made: Fleet) -> Iterator[keyboard.Window]:
    (made.home / "config.toml").write_text(_CONFIG)
    program = made.root / "tmuxagents"
    program.write_text(f'#!/bin/sh\nexec {" ".join(made.argv())} "$@"\n')
    program.chmod(0o755)
    given = {"PS1": "$ ", "PATH": f"{made.root}:{made.env['PATH']}"}
    with keyboard.window(made, ["sh"], columns=COLUMNS, rows=_HIGH, **given) as window:
        window.has_line("$")
        yield window
