"""The dashboard of the README on a real fleet: one screen of `tmuxagents top`, recorded where the chat has left off."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.support import cast, film
from tests.support.cast import Frame
from tests.support.recorder import COLUMNS, ROWS, Recorder

TITLE = "tmuxagents top"

_AGE = re.compile(r"(idle|needs permission)( +)(\d+[smhd])( *)(?= )")


def recorded(it: Recorder) -> Frame:
    """One more agent asks for leave, and the dashboard is opened."""
    it.fleet.ok("spawn", "document every config file")
    it.fleet.wait_state("agent-3", "waiting")
    it.window.resize(COLUMNS, ROWS)
    it.window.enter("tmuxagents top")
    return pinned(it.whole(_is_drawn))


def _is_drawn(screen: str) -> bool:
    """Whether all three are there, and of the one that asks also its window."""
    return len(re.findall(r"agent-[123] .*(?:idle|needs permission) +\d", screen)) == 3 and "Esc to cancel" in screen


def pinned(frame: Frame) -> Frame:
    """With ages that are the same each time, as wide as they were."""
    rows = tuple(_AGE.sub(lambda m: f"{m[1]}{m[2]}{'9s'.ljust(len(m[3] + m[4]))}", row) for row in frame.rows)
    return replace(frame, rows=rows)


def dumped(frame: Frame) -> str:
    """The cast of it."""
    return cast.dumped([frame], columns=COLUMNS, rows=ROWS, title=TITLE)


def drawn(kept: str) -> str:
    """The picture of a cast."""
    frames, columns, rows = cast.loaded(kept)
    return film.drawn(frames, columns=columns, rows=rows, title=TITLE, still=0, moves=False)
