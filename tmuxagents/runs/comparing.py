"""Which tasks of a run are compared with each other, and what is known of the check of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tmuxagents.model.run import Run, TaskRow

Check = Literal["passed", "failed"]

PICKED = "picked"
"""The option of a run that says which of its tasks was picked."""


def compared(rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Those that a join puts together, with the elements of repeated ones; all where nothing joins any."""
    joined = {name for row in rows if row.task.join is not None for name in row.task.join.of}
    return [row for row in rows if not row.group and (not joined or row.key in joined or row.of in joined)]


def check(row: TaskRow) -> Check | None:
    """None where it has none, or none that was over."""
    if row.task.check is None or row.check_id is None:
        return None
    if row.state == "done":
        return "passed"
    return "failed" if row.state == "failed" else None


def picked(run: Run) -> str | None:
    """The key of the task whose work has landed; None where none has."""
    mark = run.options.get(PICKED)
    return str(mark["key"]) if isinstance(mark, dict) and mark.get("landed") else None
