"""When what a whole run has spent is told: near its budget, and once it is spent; each once for each budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import TaskRow
from tmuxagents.runs import words
from tmuxagents.runs.results import total

NEAR = 0.8
"""Of a budget: what is told then leaves time to raise it."""


def told(
    name: str, manifest: Manifest, rows: Iterable[TaskRow], before: Mapping[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """What there is to tell of it now, and what is kept so that it is told once: `before` is what was kept last. None
    where there is nothing new. What is not known is in no sum."""
    begun = [row for row in rows if row.attempt and not row.group]
    cost = total([row.cost_usd for row in begun if row.cost_usd is not None])
    tokens = total([row.tokens for row in begun if row.tokens is not None])
    found: list[str] = []
    kept = dict(before)
    for key, spent, budget in (("usd", cost, manifest.budget_usd), ("tokens", tokens, manifest.budget_tokens)):
        if budget is None or spent is None or spent < NEAR * budget:
            continue
        mark = [budget, spent >= budget]
        if kept.get(key) != mark:
            kept[key] = mark
            part = f"{int(spent / budget * 1000) / 10:.1f} %"
            amounts = (
                f"{words.dollars(spent)} of {words.dollars(budget)}"
                if key == "usd"
                else f"{spent:,.0f} of {words.count(int(budget), 'token')}"
            )
            found.append(f"{amounts}: {part}")
    return (f"{name} has spent {', '.join(found)}", kept) if found else None
