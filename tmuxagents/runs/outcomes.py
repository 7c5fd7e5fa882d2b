"""What follows from what the agent of a begun task is seen to do."""

from __future__ import annotations

from typing import Literal

from tmuxagents.model.run import Again, Begin, Check, Seen, Settle, TaskRow, TaskState
from tmuxagents.runs import budgets
from tmuxagents.runs.gates import NS
from tmuxagents.runs.table import Table, spent
from tmuxagents.settings.shown import duration

Going = Literal["on", "paused", "ending"]
"""Whether a turn of the run may begin, may begin later, or never does."""


Turn = Again | Begin | Check
"""What goes on with a task whose attempt is over."""


def action(table: Table, row: TaskRow, going: Going, over_budget: str | None) -> Settle | Turn | None:
    """What to do about it now; None while it goes on. `over_budget` is why the run has nothing left to spend."""
    seen = table.facts.seen.get(row.key)
    match seen and seen.now:
        case "answered":
            return _answered(row, seen, going)
        case "failed":
            return _missed(table, row, going, over_budget, "failed", _why(row, seen))
        case "over":
            return _settle(row, seen, "stopped", seen.error if seen and seen.error else _stopped(row))
    limit = deadline(row, seen)
    if limit is not None and table.now >= limit:
        assert row.task.timeout_s is not None, "only a task with a time limit has a deadline"
        what = "its check ran" if row.state == "checking" else "it ran"
        why = f"{what} longer than {duration(row.task.timeout_s)}"
        return _missed(table, row, going, over_budget, "timed-out", why)
    return None


def deadline(row: TaskRow, seen: Seen | None) -> int | None:
    """When the time of its attempt (or of its check) is over. None without a limit, while it is queued, and while it
    waits for a limit of the account to be reset: that is no fault of its own."""
    if row.task.timeout_s is None or seen is None or seen.started_ns is None or seen.now not in ("runs", "needs-you"):
        return None
    began = max(row.attempt_ns or 0, seen.started_ns)
    return began + seen.waited_ns + round(row.task.timeout_s * NS)


def _answered(row: TaskRow, seen: Seen | None, going: Going) -> Settle | Turn | None:
    assert seen is not None, "it has answered"
    if row.state == "checking":
        return _settle(row, seen, "done", None, row.answer)
    if not row.task.check:
        return _settle(row, seen, "done", None, seen.answer)
    if going == "ending":
        return _settle(row, seen, "stopped", "the run was over before its check", seen.answer)
    return Check(row.key, seen.answer, row.attempt, *spent(row, seen))


def _missed(
    table: Table, row: TaskRow, going: Going, over_budget: str | None, state: TaskState, why: str
) -> Settle | Turn | None:
    """An attempt that did not succeed: another one where that is allowed, and the end of it where not."""
    seen = table.facts.seen.get(row.key)
    if row.attempt > row.task.retries or going == "ending":
        return _settle(row, seen, state, why)
    if seen is not None and seen.by_person:
        return _settle(row, seen, state, f"{why}; what a person interrupts is not tried again")
    if row.task.kind != "command" and (over := budgets.of_task(table, row) or over_budget):
        return _settle(row, seen, state, f"{why}; it is not tried again: {over}")
    if going == "paused":
        # What failed waits for the run to go on. A turn that runs has to be ended now, and is not begun anew.
        return None if state == "failed" else _settle(row, seen, state, f"{why}, while the run was paused")
    if seen is not None and seen.resumes and row.task.kind != "command":
        return Again(row.key, why, row.attempt + 1)
    return Begin(row.key, row.attempt + 1, why)


def _why(row: TaskRow, seen: Seen | None) -> str:
    said = seen.error if seen and seen.error else None
    if row.state == "checking":
        return f"its check failed: {said}" if said else "its check failed"
    return said or "its turn failed"


def _stopped(row: TaskRow) -> str:
    return "its check was stopped" if row.state == "checking" else "its agent was stopped"


def _settle(row: TaskRow, seen: Seen | None, state: TaskState, error: str | None, answer: str | None = None) -> Settle:
    cost, tokens = spent(row, seen)
    kept = answer if answer is not None or state == "done" else row.answer
    return Settle(row.key, state, kept, error, row.attempt, cost, tokens)
