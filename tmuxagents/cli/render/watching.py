"""Draw something again and again in the same place, as `watch` does, whenever the journal grows."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App

_OPEN, _CLOSE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_GATHER_S = 0.1
"""What comes within so long is drawn at once: an agent that talks would have the screen flicker."""


def watch(app: App, rows: Callable[[], list[str]], *, every: float) -> None:
    """Draw the rows until Ctrl-C: at once when something is committed or the terminal's size changes, and every so
    many seconds, because "for 3 s" grows old by itself."""
    from tmuxagents.services.fleet import waiting

    if not sys.stdout.isatty():
        raise TmuxagentsError("--watch needs a terminal", hint="tmuxagents tail")
    with waiting.journal_wake(app) as wake:

        def resized(_: int, __: FrameType | None) -> None:
            wake.poke()

        before = signal.signal(signal.SIGWINCH, resized)
        _write(_OPEN)
        try:
            while True:
                _write(_frame(rows()))
                wake.wait(every)
                wake.wait(_GATHER_S)
        except KeyboardInterrupt:
            return
        finally:
            _write(_CLOSE)
            signal.signal(signal.SIGWINCH, before)


def _frame(rows: list[str]) -> str:
    return "\x1b[H" + "\r\n".join(f"{row}\x1b[K" for row in rows) + "\x1b[J"


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
