"""When one key may settle a dialog that is drawn, in the chat and in the dashboard alike: it was there to be read, by a
hand that rests, and it is that very one."""

from __future__ import annotations

import re

from tmuxagents.model.condition import Dialog

SEEN_S = 0.5
"""So long a dialog must have been on the screen."""

QUIET_S = 1.0
"""So long no other key may have been pressed."""

CHANGED = "the dialog has changed: nothing was settled"
"""Another stands there than the one that was drawn."""

_LEFT_OUT = re.compile(r"^… \d+ more (?:lines|characters)$", re.MULTILINE)
_CUT = 100
"""A line that is shorter and ends in `…` was written so."""


def left_out(count: int, what: str) -> str:
    """The row that stands where so many lines or characters were cut away."""
    return f"… {count} more {what}"


def is_whole(dialog: Dialog) -> bool:
    """Whether its line and what is beneath that are all that it asks: not where its top has left the window. What looks
    like a cut counts as one: it refuses a key, and no command."""
    if dialog.cut:
        return False
    if dialog.about:
        return _LEFT_OUT.search(dialog.about) is None
    return len(dialog.what) < _CUT or not dialog.what.rstrip(")").endswith("…")


def too_new(since_s: float | None, now_s: float) -> str | None:
    """Why a dialog that is drawn since then may not be settled yet; None where it may."""
    if since_s is None or now_s - since_s < SEEN_S:
        return "the dialog has only just come up: read it first"
    return None


def hurried(key_s: float | None, now_s: float) -> str | None:
    """Why a key may not settle anything when another was pressed then; None where it may."""
    if key_s is not None and now_s - key_s < QUIET_S:
        return "once more: a key was pressed less than a second ago"
    return None
