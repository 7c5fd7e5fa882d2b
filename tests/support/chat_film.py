"""The chat of the README: a film of `tmuxagents chat`, recorded from the real thing and driven by keys alone."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from tests.support import cast, film
from tests.support.cast import Frame
from tests.support.recorder import COLUMNS, ROWS, Recorder

TITLE = "tmuxagents chat"

_DIALOG = "F8 yes  F9 no"
_OUTCOME = "  approved: agent-2:"


def recorded(it: Recorder) -> Sequence[Frame]:
    """Play it; the shell is there again afterwards."""
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
    it.window.press("C-d")
    it.window.has_line("$")
    return it.frames


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
