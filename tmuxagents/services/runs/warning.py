"""Say once in the journal that the budget of a run is near, or spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.model.entry import NewEntry
from tmuxagents.model.run import SETTLED, Run, TaskRow
from tmuxagents.names import AgentId
from tmuxagents.runs import nearing
from tmuxagents.store import agents, journal, runs
from tmuxagents.store.queue import Transaction
from tmuxagents.value import replace

WARNED = "warned"
"""What is kept with a run of the budgets that were told to be near or spent."""


def of_budget(tx: Transaction, run: Run, rows: Mapping[str, TaskRow], changed: Sequence[TaskRow], now: int) -> Run:
    """The run with what was told, in the journal of the agent whose task came to it."""
    last = next((row.agent_id for row in reversed(changed) if row.state in SETTLED and row.agent_id is not None), None)
    if last is None or (run.manifest.budget_usd is None and run.manifest.budget_tokens is None):
        return run
    found = nearing.told(run.name, run.manifest, rows.values(), run.options.get(WARNED) or {})
    if found is None:
        return run
    text, kept = found
    agent = agents.in_transaction(tx, AgentId(last))
    journal.append(tx, agent.id, agent.generation, [NewEntry("note", text, now)])
    runs.set_option(tx, run.id, WARNED, kept)
    return replace(run, options={**run.options, WARNED: kept})
