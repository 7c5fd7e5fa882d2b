"""What is on its way to agents and not proven yet, and what is said when a verdict comes."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.chat.shown import Row, fitted, plain
from tmuxagents.names import AgentId
from tmuxagents.value import Value

MOST = 4
"""So many rows of it stand above the line."""


class Sending(Value):
    """A text for one agent."""

    to: AgentId
    name: str
    text: str


def rows(waiting: Sequence[Sending], columns: int) -> list[Row]:
    """Dim, the newest last: each becomes a line of the stream when its agent has it."""
    shown = waiting if len(waiting) <= MOST else waiting[-(MOST - 1) :]
    left = len(waiting) - len(shown)
    more: list[Row] = [[("dim", f"  … {left} more on their way")]] if left else []
    found: list[Row] = [[("dim", f"> @{one.name} {plain(one.text)}")] for one in shown]
    return [fitted(row, columns) for row in [*more, *found]]


def verdict(name: str, word: str, why: str, text: str, *, always: bool) -> Row | None:
    """The line of a verdict; None where the stream itself shows that the agent has it (unless `always`). What was not
    taken is told with its text: nothing is lost without a word."""
    if word == "submitted":
        return [("dim", f"  submitted: {name}")] if always else None
    beside = f" ({plain(why)})" if why else ""
    kept = "" if word == "queued" else f": {plain(text)}"
    return [("dim" if word in ("queued", "held") else "fail", f"  {word}: {name}{beside}{kept}")]
