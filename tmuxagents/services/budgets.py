"""Whether a turn of ours may begin: an agent's budget, asked in one place."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from tmuxagents.errors import Refused
from tmuxagents.model import budget
from tmuxagents.model.agent import Agent
from tmuxagents.model.budget import Budget, Share
from tmuxagents.services.app import App
from tmuxagents.store import agents

if TYPE_CHECKING:
    from tmuxagents.model.budget import Warned
    from tmuxagents.store.notices import Transaction


def refuse(app: App, agent: Agent) -> Refused | None:
    """Why no turn of ours may begin in that agent now, with the command that changes it; None where one may. What it
    has spent is as it was read last: whoever wants to know it now reads on before (`ingest.pull`)."""
    if not (agent.options.get("budget_usd") or agent.options.get("budget_tokens")):
        return None
    now = agents.by_id(app.db, agent.id) or agent
    return refusal(now)


def refusal(agent: Agent) -> Refused | None:
    """The same by what is known of the agent already."""
    share = budget.reached(budget.of(agent.options), agent.condition.usage)
    return None if share is None else Refused(f"its budget is reached: {share.words}", hint=raising(agent.name, share))


def raising(name: str, share: Share) -> str:
    """The command that raises that part of the budget: to twice what it was, or to the next that leaves room."""
    wanted = max(share.limit * 2, math.ceil((share.spent or 0) * 1.25))
    if share.unit == "tokens":
        return f"tmuxagents budget {name} --tokens {_round(wanted)}"
    return f"tmuxagents budget {name} {math.ceil(wanted / 10_000) / 100:g}"


def _round(count: int) -> str:
    return f"{math.ceil(count / 1000)}k" if count > 1000 else str(count)


def of(tx: Transaction, agent: Agent) -> Budget:
    """The budget as it is in that transaction: somebody may just have raised it."""
    row = tx.execute("SELECT options FROM agents WHERE id = ?", (agent.id,)).fetchone()
    return budget.of(json.loads(row[0]) if row is not None else agent.options)


def told(name: str, warning: Warned) -> str:
    """A warning in words."""
    share = warning.share
    match warning.what:
        case "near":
            return f"its budget is nearly spent: {share.words}"
        case "reached":
            return f"its budget is reached, no turn of ours begins any more: {share.words}"
        case "over":
            return f"the last turn went {budget.amount(share.unit, share.over)} over the budget: {share.words}"
        case "began":
            return f"a turn that is not ours begins past the budget: {share.words}"
        case "unknown":
            return f"its cost is not known: the budget of {budget.amount(share.unit, share.limit)} cannot be kept"
