"""What became of a call."""

from __future__ import annotations

from tmuxagents.value import Value

LIMIT_S = 10.0
"""How long a channel may take."""

NOBODY = "nobody is attached"
"""What the channels say that reach who is attached; no fault of theirs."""


class Outcome(Value):
    """Whether it went out, and what says so; `again` where another try may reach the person."""

    sent: bool
    said: str
    again: bool = False
