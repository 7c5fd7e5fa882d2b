"""Whether what a task or its run has spent has reached its budget, and by how much it was passed."""

from __future__ import annotations

from tmuxagents.model.run import TaskRow
from tmuxagents.runs import words
from tmuxagents.runs.table import Table, spent


def of_run(table: Table) -> str | None:
    """Why no turn of the run begins any more; None while one may. What is not known yet is told as unknown: a budget
    is reached by what is known."""
    manifest = table.facts.run.manifest
    if manifest.budget_usd is None and manifest.budget_tokens is None:
        return None
    begun = [row for row in table.rows.values() if row.attempt and not row.group]
    costs, tokens = (
        zip(*(spent(row, table.facts.seen.get(row.key)) for row in begun), strict=True) if begun else ((), ())
    )
    return _reached(
        "the run's budget",
        (manifest.budget_usd, _sum(costs), costs.count(None)),
        (manifest.budget_tokens, _sum(tokens), tokens.count(None)),
    )


def of_task(table: Table, row: TaskRow) -> str | None:
    """Why no turn of that task begins any more; None while one may."""
    if row.task.budget_usd is None and row.task.budget_tokens is None:
        return None
    cost, tokens = spent(row, table.facts.seen.get(row.key))
    return _reached("its budget", (row.task.budget_usd, cost, 0), (row.task.budget_tokens, tokens, 0))


def _reached(
    whose: str, money: tuple[float | None, float | None, int], tokens: tuple[int | None, float | None, int]
) -> str | None:
    budget, used, unknown = money
    if budget is not None and used is not None and used >= budget:
        told = f"{words.dollars(used)} of {words.dollars(budget)}"
        return _told(whose, told, words.dollars(used - budget) if used > budget else "", unknown)
    most, had, unknown = tokens
    if most is not None and had is not None and had >= most:
        told = f"{had:,.0f} of {words.count(most, 'token')}"
        return _told(whose, told, words.count(int(had - most), "token") if had > most else "", unknown)
    return None


def _told(whose: str, spent_of: str, over: str, unknown: int) -> str:
    return (
        f"{whose} is spent: {spent_of}"
        + (f", passed by {over}" if over else "")
        + (f" (and what {words.count(unknown, 'task')} cost is unknown)" if unknown else "")
    )


def _sum(values: tuple[float | int | None, ...]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
