"""What a person decides about a request."""

from __future__ import annotations

from tmuxagents.value import Value


class Decision(Value):
    """Yes or no. `answers` are those to its questions, in their order; with a no, `text` says why and the
    turn goes on, without one the turn is stopped."""

    allow: bool
    answers: tuple[str, ...] = ()
    text: str | None = None
