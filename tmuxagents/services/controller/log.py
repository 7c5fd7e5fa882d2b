"""The controller's log: what happened, when, and the trace of a bug."""

from __future__ import annotations

import contextlib

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.errors import TmuxagentsError
from tmuxagents.output.safe_text import clean
from tmuxagents.services.app import App


def write(app: App, words: str) -> None:
    """Add to it; where that cannot be done nothing is said."""
    with contextlib.suppress(OSError):
        files.append(app.state / "controller.log", f"{clock.rfc3339(clock.now_ns())} {clean(words)}\n")


def described(error: Exception) -> str:
    """A foreseen error in a line, any other with its trace."""
    if isinstance(error, (TmuxagentsError, OSError)):
        return str(error)
    import traceback

    return "".join(traceback.format_exception(error))
