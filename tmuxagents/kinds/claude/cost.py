"""What turns cost, by the running total of the status line."""

from __future__ import annotations

from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import Condition, Usage
from tmuxagents.value import replace


def count_cost(condition: Condition, total_usd: float, at_ns: int, *, conversation: object = None) -> Condition:
    """Follow the status line's running total, which starts again at 0 (after /clear, a new start), or in
    a conversation gone on with where that one stood (2.1.330)."""
    total = round(total_usd * 1_000_000)
    if conversation is not None and condition.kind_state.get("cost_anew") == conversation:
        so_far = condition.usage.microusd or 0
        condition = remember(condition, cost_anew=None, cost_last=total, cost_base=so_far - total)
    last = int(condition.kind_state.get("cost_last", 0))
    base = int(condition.kind_state.get("cost_base", 0)) + (last if total < last else 0)
    usage: Usage = replace(condition.usage, microusd=base + total)
    return remember(replace(condition, usage=usage), cost_last=total, cost_base=base, cost_at=at_ns)
