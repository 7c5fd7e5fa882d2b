"""Who uses this command line: the person at a terminal, or an agent from its own shell."""

from __future__ import annotations

import os

from tmuxagents.drivers import tty


def agent() -> str | None:
    """The agent in whose shell this runs; None for a person's."""
    return os.environ.get("TMUXAGENTS_NAME") or None


def name() -> str:
    """`agent-2`, `you on pts/3`, or `you` where there is no terminal."""
    terminal = tty.mine()
    return agent() or (f"you on {terminal}" if terminal is not None else "you")
