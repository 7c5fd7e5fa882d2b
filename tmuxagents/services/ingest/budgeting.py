"""Tell what an agent's budget has come to, in the transaction that records what it has spent, or another budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.value import replace

if TYPE_CHECKING:
    from tmuxagents.model.budget import Warned
    from tmuxagents.services.app import App
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
    return _told(tx, agent, told, after, now_ns)


def change(app: App, agent: Agent, *, usd: float | None, tokens: int | None) -> Agent:
    """Set the parts of its budget that are given, 0 for none; returns the agent as it is then. What was reached before
    is told anew when the new one is; at once where that is so already."""
    from tmuxagents import clock
    from tmuxagents.store import agents

    with app.db.write() as tx:
        change_in(tx, agent, {"budget_usd": usd, "budget_tokens": tokens}, clock.now_ns())
    return agents.by_id(app.db, agent.id) or agent


def change_in(tx: Transaction, agent: Agent, budgets: Mapping[str, float | None], now_ns: int) -> None:
    """The same in that transaction; None leaves a part as it is."""
    from tmuxagents.store import agents

    for key, value in budgets.items():
        if value is not None:
            agents.set_option(tx, agent.id, key, value or None)
    _changed(tx, agent, now_ns)


def _changed(tx: Transaction, agent: Agent, now_ns: int) -> None:
    """Tell what has come of a budget that was set to what is spent already, or to little more."""
    from tmuxagents.model import budget
    from tmuxagents.services import budgets
    from tmuxagents.store import agents, journal

    if tx.execute("SELECT 1 FROM agents WHERE id = ? AND forgotten = 0", (agent.id,)).fetchone() is None:
        # Removed meanwhile.
        return
    now = agents.in_transaction(tx, agent.id)
    before = now.condition
    at = (before.turn, before.turns, before.usage)
    after, entries = _told(tx, now, budget.due(budgets.of(tx, now), at, at), before, now_ns)
    if entries:
        journal.append(tx, now.id, now.generation, entries)
        agents.set_condition(tx, now.id, after)


def _told(
    tx: Transaction, agent: Agent, told: Sequence[Warned], after: Condition, now_ns: int
) -> tuple[Condition, Sequence[NewEntry]]:
    from tmuxagents.services import budgets

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
