"""The chat of the README, recorded from the real thing: `tmuxagents chat` in a real terminal, driven by keys alone.

The agents are scripted (`kind = "demo"`), so that no account is needed and they say the same each time; all else is as
anybody runs it: the controller, the tmux server, the journal. A frame is the whole screen as soon as it shows what is
waited for, never what stood there at some moment.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import cast, film, fleet, keyboard
from tests.support.cast import Frame
from tests.support.fleet import eventually

COLUMNS, ROWS = 92, 26
_HIGH = 60
"""Rows of the terminal: nothing scrolls in it. Where a screen that has scrolled stands depends on what was drawn on it
meanwhile, which is another thing each time; a frame is the end of it, as a terminal of `ROWS` rows shows it."""

TITLE = "tmuxagents chat"

_CONFIG = 'kind = "demo"\nargs = ["--speed", "0"]\nconfirm_s = 100\n'
_TYPED_S, _READ_S = 0.16, 2.4
_DIALOG = "F8 yes  F9 no"
_OUTCOME = "  approved: agent-2:"

Fact = Callable[[str], bool]


@dataclass(slots=True)
class Recorder:
    """Presses keys and keeps a frame for each."""

    window: keyboard.Window
    frames: list[Frame] = field(default_factory=list)

    def type(self, text: str) -> None:
        """Word by word."""
        typed = ""
        for word in re.findall(r"\s*\S+", text):
            typed += word
            self.window.type(word)
            self._keep(lambda screen: screen.endswith(typed), _TYPED_S)  # noqa: B023 - it is asked at once

    def press(self, key: str, fact: Fact, *, seconds: float = _READ_S, shown: str = "") -> None:
        """Press it, and keep what is there when the fact is."""
        self.window.press(key)
        self._keep(fact, seconds, shown)

    def _keep(self, fact: Fact, seconds: float, pressed: str = "") -> None:
        self.frames.append(eventually(lambda: self._frame(fact, seconds, pressed), explain=self.window.screen))

    def _frame(self, fact: Fact, seconds: float, pressed: str) -> Frame | None:
        screen, (x, y) = self.window.painted()
        # The terminal's own name is another each time.
        rows = [re.sub(r"by you on [\w/]+", "by you on pts/3", row).rstrip() for row in screen.split("\n")][: y + 1]
        found = Frame(tuple(rows[-ROWS:]), (x, min(y, ROWS - 1)), seconds, pressed)
        return found if fact(found.text.rstrip()) else None


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """One with a short path, for a while."""
    with tempfile.TemporaryDirectory(prefix="ta-", ignore_cleanup_errors=True) as made:
        yield Path(made)


def recorded(roots: fleet.Roots = folder) -> Sequence[Frame]:
    """Play it on a fleet of its own, in one of those folders."""
    with roots() as root:
        made = fleet.make(root)
        try:
            return _recorded(made)
        finally:
            made.end()


def _recorded(made: fleet.Fleet) -> Sequence[Frame]:
    (made.home / "config.toml").write_text(_CONFIG)
    program = made.root / "tmuxagents"
    program.write_text(f'#!/bin/sh\nexec {" ".join(made.argv())} "$@"\n')
    program.chmod(0o755)
    given = {"PS1": "$ ", "PATH": f"{made.root}:{made.env['PATH']}"}
    with keyboard.window(made, ["sh"], columns=COLUMNS, rows=_HIGH, **given) as window:
        window.has_line("$")
        recorder = Recorder(window)
        _play(recorder)
        return recorder.frames


def _play(it: Recorder) -> None:
    it.type("tmuxagents chat")
    it.press("Enter", lambda screen: screen.endswith("nobody>"), seconds=1.2)
    it.type("/s fix the expired-token test")
    it.press("Enter", lambda screen: _done(screen, "agent-1", 1) and _idle(screen, "agent-1"))
    it.type("/s document every setting")
    it.press("Enter", lambda screen: _DIALOG in screen and _idle(screen, "agent-1"), seconds=3)
    before = it.frames[-1].text.splitlines()[-1]
    # Another agent is spoken to while the dialog stands, and it is none the worse for it.
    it.type("@agent-1 cover expired tokens too")
    it.press("Enter", lambda screen: _done(screen, "agent-1", 2) and _idle(screen, "agent-1", not_=before), seconds=3)
    # A key settles only what has been there to be read, and nothing while somebody types.
    time.sleep(1.5)
    it.press("F8", _settled, seconds=3, shown="F8")
    # Without a name it goes to who became idle last.
    before = it.frames[-1].text.splitlines()[-1]
    it.type("explain them in the README")
    it.press("Enter", lambda screen: _done(screen, "agent-2", 2) and _idle(screen, "agent-2", not_=before), seconds=3)
    it.press("Tab", lambda screen: _idle(screen, "agent-1"), seconds=3, shown="Tab")


def _settled(screen: str) -> bool:
    gone = _DIALOG not in screen and f"\n{_OUTCOME}" in screen
    return gone and _done(screen, "agent-2", 1) and _idle(screen, "agent-2")


def _done(screen: str, name: str, times: int) -> bool:
    """Whether so many turns are told, and what was said to it stands above the line no more."""
    said, done = screen.rfind(f"\n> @{name} "), screen.rfind(f"\n  -- {name} done (")
    return screen.count(f"\n  -- {name} done (") == times and said < done


def _idle(screen: str, name: str, *, not_: str = "") -> bool:
    """Whether the prompt says so, and what it has cost by now."""
    line = screen.splitlines()[-1]
    return bool(re.fullmatch(rf"{name} idle \$[\d.]+>", line)) and line != not_.rstrip()


def dumped(frames: Sequence[Frame]) -> str:
    """The cast of them."""
    return cast.dumped(frames, columns=COLUMNS, rows=ROWS, title=TITLE)


def drawn(kept: str, *, moves: bool = True) -> str:
    """The picture of a cast; the still is the dialog that has been spoken past."""
    frames, columns, rows = cast.loaded(kept)
    still = max(number for number, frame in enumerate(frames) if _DIALOG in frame.text)
    return film.drawn(frames, columns=columns, rows=rows, title=TITLE, still=still, moves=moves)


def told(frames: Sequence[Frame]) -> list[str]:
    """Every row that is shown, once, in the order in which they come. Two things are passed over: what the chat remarks
    of a busy machine, and where among its agent's first words the outcome of a key comes, which nothing decides."""
    rows = list(dict.fromkeys(row for frame in frames for row in frame.text.split("\n")))
    outcomes = sorted(row for row in rows if row.startswith(_OUTCOME))
    return [row for row in rows if not row.startswith((_OUTCOME, "  ("))] + outcomes
