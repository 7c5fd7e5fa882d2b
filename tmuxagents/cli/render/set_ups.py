"""How far the set-ups of new worktrees are, as one line of a terminal that is written over."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import cut
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting


def follow(app: App, started: Sequence[Agent]) -> None:
    """Return when none of the agents is being set up any more. It goes on without us: ^C ends the look alone."""
    began = clock.monotonic()
    try:
        for now in waiting.being_set_up(app, [agent.id for agent in started]):
            _put(_told(now, clock.monotonic() - began))
    except KeyboardInterrupt:
        _put("")
        app.remark("the set-up goes on", f"tmuxagents tail {started[-1].name}")
        raise
    finally:
        _put("")


def _told(now: Sequence[Agent], seconds: float) -> str:
    """`api: set-up: npm ci (12s)`; of several the first, and how many more there are."""
    more = f" and {len(now) - 1} more" if len(now) > 1 else ""
    return one_line(f"{now[0].name}{more}: {now[0].condition.reason} ({seconds:.0f}s)", 400)


def _put(text: str) -> None:
    try:
        width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        width = 80
    sys.stderr.write(f"\r\x1b[K{cut(text, max(1, width - 1))}")
    sys.stderr.flush()
