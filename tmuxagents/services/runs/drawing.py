"""What each task of a run waits for, as its graph shows it, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents import clock
from tmuxagents.model.run import TaskRow
from tmuxagents.output.dashboard.graph import Branch, Node, tree
from tmuxagents.runs import telling
from tmuxagents.runs.results import duration_s
from tmuxagents.settings.shown import duration


def waits(rows: Sequence[TaskRow]) -> Mapping[str, tuple[str, ...]]:
    """Of each task that is shown the tasks that are shown: of one that is repeated its elements."""
    elements: dict[str, list[str]] = {}
    for row in rows:
        if telling.is_shown(row):
            elements.setdefault(row.of or row.key, []).append(row.key)
    return {row.key: _waits(row, elements) for row in rows if telling.is_shown(row)}


def _waits(row: TaskRow, elements: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    asked = (*row.task.depends_on, *(row.task.join.of if row.task.join else ()))
    return tuple(dict.fromkeys(key for name in asked for key in elements.get(name, ())))


def branches(rows: Sequence[TaskRow]) -> Sequence[Branch]:
    """The tasks that are shown as a tree, each below the last of those that it waits for."""
    return tree([Node(key, those, "") for key, those in waits(rows).items()])


def took(row: TaskRow) -> str | None:
    """How long it took, or has taken by now; None where it has not begun."""
    seconds = duration_s(row, clock.now_ns())
    if seconds is None:
        return None
    return f"{round(seconds)}s" if seconds < 60 else duration(round(seconds))
