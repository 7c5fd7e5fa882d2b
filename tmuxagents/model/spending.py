"""What was spent when: the steps between two conditions of an agent, kept in quarters of an hour."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.model.condition import Condition, Usage
from tmuxagents.value import Value

STEP_NS = 900 * 1_000_000_000
"""A quarter of an hour: every zone's day begins with one."""

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


class Spent(Value):
    """A step: at which quarter, on whose account, by which model; `worked_ns` is how long its turns ran.

    `microusd` is 0 where nothing is known of its cost: whether that is known is a matter of the whole agent."""

    at_ns: int
    account: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    microusd: int = 0
    worked_ns: int = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens


def tokens(usage: Usage) -> int:
    """What counts against a budget of tokens, and what `ls` shows: all of them."""
    return usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens


def quarter(at_ns: int) -> int:
    """When the quarter of an hour began."""
    return max(0, at_ns) // STEP_NS * STEP_NS


def between(before: Condition, after: Condition, at_ns: int) -> Sequence[Spent]:
    """The step from one condition to the next, seen at that moment; none where nothing was spent. A later record may
    take back a token that an earlier one claimed: the sum of all steps is what the condition says."""
    was, now = before.usage, after.usage
    leaves = before.state == "working" and (after.state != "working" or after.since_ns != before.since_ns)
    worked = max(0, at_ns - before.since_ns) if leaves else 0
    if was == now and not worked:
        return ()
    step = {name: getattr(now, name) - getattr(was, name) for name in _TOKENS}
    money = (now.microusd or 0) - (was.microusd or 0)
    return (Spent(quarter(at_ns), after.account, after.model, **step, microusd=money, worked_ns=worked),)


def rest(usage: Usage, had: Spent, at_ns: int) -> Spent:
    """What is missing in `had` for the sum to be what the condition says."""
    step = {name: getattr(usage, name) - getattr(had, name) for name in _TOKENS}
    return Spent(quarter(at_ns), had.account, had.model, **step, microusd=(usage.microusd or 0) - had.microusd)
