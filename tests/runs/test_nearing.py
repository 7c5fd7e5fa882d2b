"""What a whole run has spent is told near its budget and once it is spent, once each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import TaskRow
from tmuxagents.runs import nearing


def _row(cost: float | None, n: int) -> TaskRow:
    return TaskRow(f"t{n}", Task(f"t{n}"), state="done", attempt=1, cost_usd=cost)


@given(st.lists(st.none() | st.floats(0, 2), max_size=20), st.floats(0.01, 10))
def test_however_it_is_spent_nearing_and_reaching_are_told_once_each(costs: list[float | None], budget: float) -> None:
    manifest = Manifest("m", (), budget_usd=budget)
    kept: dict[str, object] = {}
    told = []
    for count in range(1, len(costs) + 1):
        rows = [_row(cost, n) for n, cost in enumerate(costs[:count])]
        for _ in range(2):
            if (found := nearing.told("run-1", manifest, rows, kept)) is not None:
                words, kept = found[0], dict(found[1])
                told.append(words)

    spent = sum(cost for cost in costs if cost is not None)
    assert len(told) <= 2
    assert bool(told) == (spent >= nearing.NEAR * budget and any(cost is not None for cost in costs))
