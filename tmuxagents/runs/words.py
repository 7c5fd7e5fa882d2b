"""The words in which a run says why something did not come about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.model.run import TaskState

_BECAME: Mapping[TaskState | None, str] = {
    "failed": "failed",
    "timed-out": "ran out of time",
    "skipped": "was skipped",
    "stopped": "was stopped",
    None: "is not there",
}


def became(state: TaskState | None) -> str:
    """What a task did that is not `done`: `ran out of time`; None: there is none of that name."""
    return _BECAME[state]


def dollars(amount: float) -> str:
    """`$0.05`, `$0.0612`: as many digits as it has, two at least and four at most."""
    return f"${amount:.4f}".removesuffix("00")


def count(number: int, of: str) -> str:
    """`1 token`, `57,617 tokens`."""
    return f"{number:,} {of}{'' if number == 1 else 's'}"


def listed(ended: Sequence[tuple[str, TaskState, str | None]]) -> str:
    """Each with what became of it and why: `a failed (exit code 1), b was skipped`."""
    return ", ".join(f"{key} {became(state)}" + (f" ({first_line(why)})" if why else "") for key, state, why in ended)


def first_line(text: str) -> str:
    """Its first line that says something, without what ends a sentence: it is told within another."""
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "")


def element(item: Any) -> str:
    """What a repeated task's element is for: the text itself, the texts of a batch, `os=linux, py=3.11`."""
    if isinstance(item, Mapping):
        return ", ".join(f"{name}={value}" for name, value in item.items())
    if isinstance(item, list | tuple):
        return ", ".join(map(str, item))
    return str(item)
