"""Whether an agent may spend more: its budget against what it has spent, and what of that is to be told, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tmuxagents.model.condition import Usage
from tmuxagents.model.spending import tokens
from tmuxagents.value import Value

NEAR = 0.8
"""The part of a budget at which it is told that it is nearly spent."""

Unit = Literal["usd", "tokens"]


class Budget(Value):
    """What an agent may spend, None where that is no matter; `interrupt`: a turn that passes it is stopped."""

    microusd: int | None = None
    tokens: int | None = None
    interrupt: bool = False

    @property
    def is_set(self) -> bool:
        """Whether there is any."""
        return self.microusd is not None or self.tokens is not None


class Share(Value):
    """What was spent of a budget: micro-dollars or tokens; `spent` is None where nobody knows."""

    unit: Unit
    spent: int | None
    limit: int

    @property
    def part(self) -> float | None:
        """Of one; None where nobody knows."""
        return None if self.spent is None else self.spent / max(1, self.limit)

    @property
    def is_reached(self) -> bool:
        """Whether no turn of ours may begin."""
        return self.spent is not None and self.spent >= self.limit

    @property
    def over(self) -> int:
        """By how much it is passed."""
        return max(0, (self.spent or 0) - self.limit)

    @property
    def words(self) -> str:
        """`57,617 of 100,000 tokens: 57.6 %`, `$0.0312 of $0.05: 62.4 %`"""
        if self.spent is None or self.part is None:
            return f"unknown of {amount(self.unit, self.limit)}"
        # Never rounded up to what it is not.
        part = int(self.part * 1000) / 10
        if self.unit == "usd":
            return f"{amount('usd', self.spent)} of {amount('usd', self.limit)}: {part:.1f} %"
        return f"{self.spent:,} of {self.limit:,} tokens: {part:.1f} %"


def amount(unit: Unit, number: int) -> str:
    """`$2.50`, `$0.0312`, `57,617 tokens`"""
    if unit == "tokens":
        return f"{number:,} tokens"
    return f"${number / 1e6:.2f}" if number % 10_000 == 0 else f"${number / 1e6:.4f}"


_MOST = 1e12
"""Dollars that nobody bounds anything by; more is no number that a database keeps."""


def of(options: Mapping[str, Any]) -> Budget:
    """The budget among an agent's options."""
    money, count = options.get("budget_usd"), options.get("budget_tokens")
    return Budget(
        # Less than is counted is as little as is counted: nothing divides by it being none.
        max(1, round(float(money) * 1e6)) if isinstance(money, int | float) and 0 < money < _MOST else None,
        int(count) if isinstance(count, int) and count > 0 else None,
        options.get("budget_interrupt") is True,
    )


def shares(budget: Budget, usage: Usage) -> Sequence[Share]:
    """What was spent of each of its parts. No tokens are known where none are: an agent that was told nothing yet."""
    found = [Share("usd", usage.microusd, budget.microusd)] if budget.microusd is not None else []
    return found + ([Share("tokens", tokens(usage), budget.tokens)] if budget.tokens is not None else [])


def reached(budget: Budget, usage: Usage) -> Share | None:
    """The part of the budget that is spent, the most exceeded first; None while a turn may begin."""
    over = [share for share in shares(budget, usage) if share.is_reached]
    return max(over, key=lambda share: share.part or 0.0, default=None)


def words(budget: Budget, usage: Usage) -> str | None:
    """What was spent of it, and whether it is reached; None where there is no budget."""
    told = "; ".join(share.words for share in shares(budget, usage))
    return (f"{told} (reached)" if reached(budget, usage) is not None else told) or None


Cause = Literal["near", "reached", "over", "began", "unknown"]


class Warned(Value):
    """What is to be told of a budget. `key` is what it is known by: it is told once."""

    what: Cause
    share: Share
    key: str


def due(budget: Budget, before: tuple[int, int, Usage], after: tuple[int, int, Usage]) -> Sequence[Warned]:
    """What is to be told when turns begun, turns ended and what was spent go from one to the other.

    `near` at four fifths; `reached` when it is; `over` for each turn that ends past it, and by how much; `began` for a
    turn that begins although it is reached, which is not ours; `unknown` where a turn has ended and its cost is not
    told.
    """
    found: list[Warned] = []
    for share in shares(budget, after[2]):
        name = f"{share.unit}:{share.limit}"
        part = share.part
        if part is None:
            found += [Warned("unknown", share, f"unknown:{share.unit}")] if after[1] > before[1] else []
            continue
        was = next((one for one in shares(budget, before[2]) if one.unit == share.unit), share)
        if after[0] > before[0] and was.is_reached:
            found.append(Warned("began", share, f"began:{name}:{after[0]}"))
        if share.is_reached:
            found.append(Warned("reached", share, f"reached:{name}"))
            # What a turn cost may be told behind its end.
            late = after[0] <= after[1] and share.spent != was.spent
            ended = after[1] > before[1] or late
            found += [Warned("over", share, f"over:{name}:{after[1]}")] if ended and share.over else []
        elif part >= NEAR:
            found.append(Warned("near", share, f"near:{name}"))
    return found
