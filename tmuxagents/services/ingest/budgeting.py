"""Tell what an agent's budget has come to, in the transaction that records what it has spent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.value import replace

if TYPE_CHECKING:
    from tmuxagents.model.budget import Warned
    from tmuxagents.store.notices import Transaction

_KEYS = ("budget_usd", "budget_tokens")
_KEPT = 20
"""Warnings that are remembered; what a turn is warned of is of no interest after a few more."""


def has_one(agent: Agent) -> bool:
    """Whether it has a budget; who has none waits for no import."""
    return any(agent.options.get(key) for key in _KEYS)


def note(
    tx: Transaction, agent: Agent, before: Condition, after: Condition, now_ns: int
) -> tuple[Condition, Sequence[NewEntry]]:
    """The condition that remembers what was told, and the entries that tell it; a notice where a person is called."""
    if not has_one(agent) or (
        before.usage == after.usage and before.turn == after.turn and before.turns == after.turns
    ):
        return after, ()
    from tmuxagents.model import budget
    from tmuxagents.services import budgets

    own = budgets.of(tx, agent)
    told = budget.due(own, (before.turn, before.turns, before.usage), (after.turn, after.turns, after.usage))
    new = [one for one in told if one.key not in after.spent_told]
    if not new:
        return after, ()
    if any(one.what == "reached" for one in new) and after.state not in OVER:
        after = replace(after, reached_in=after.turn)
    after = replace(after, spent_told=(*after.spent_told, *(one.key for one in new))[-_KEPT:])
    for one in new:
        if one.what in ("near", "reached"):
            _call(tx, agent, after, budgets.told(agent.name, one), now_ns)
    return after, [_entry(agent, one, now_ns) for one in new]


def _entry(agent: Agent, warning: Warned, now_ns: int) -> NewEntry:
    from tmuxagents.services import budgets

    return NewEntry("note", budgets.told(agent.name, warning), now_ns, {"budget": warning.what})


def _call(tx: Transaction, agent: Agent, after: Condition, words: str, now_ns: int) -> None:
    from tmuxagents.model.notice import NewNotice
    from tmuxagents.store import notices

    new = NewNotice(kind="budget", state=after.state, at_ns=now_ns, since_ns=after.since_ns, what=words)
    notices.record(tx, agent.id, agent.name, agent.generation, new)
