"""What an agent or a run has spent of its budget, in words and as JSON."""

from __future__ import annotations

from typing import Any

from tmuxagents.model import budget, spending
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import Run


def of_agent(agent: Agent) -> str:
    """`$0.0312 of $0.05: 62.4 %`"""
    return budget.words(budget.of(agent.options), agent.condition.usage) or "no budget"


def of_run(run: Run, cost_usd: float | None, tokens: int | None) -> str:
    """`$0.0312 of $5; 57,617 of 100,000 tokens`; `-` where nobody knows what was spent."""
    limits = []
    if run.manifest.budget_usd:
        limits.append(f"{'-' if cost_usd is None else f'${cost_usd:.4f}'} of ${run.manifest.budget_usd:g}")
    if run.manifest.budget_tokens:
        limits.append(f"{'-' if tokens is None else f'{tokens:,}'} of {run.manifest.budget_tokens:,} tokens")
    return "; ".join(limits) or "no budget"


def agent_json(agent: Agent) -> dict[str, Any]:
    """What `budget --json` tells of an agent."""
    own, usage = budget.of(agent.options), agent.condition.usage
    return {
        "run": None,
        "agent": agent.name,
        "budget_usd": None if own.microusd is None else own.microusd / 1e6,
        "budget_tokens": own.tokens,
        "cost_usd": None if usage.microusd is None else usage.microusd / 1e6,
        "tokens": spending.tokens(usage),
        "reached": budget.reached(own, usage) is not None,
    }


def run_json(run: Run, cost_usd: float | None, tokens: int | None) -> dict[str, Any]:
    """What `budget --json` tells of a run."""
    limits = ((cost_usd, run.manifest.budget_usd), (tokens, run.manifest.budget_tokens))
    return {
        "run": run.name,
        "agent": None,
        "budget_usd": run.manifest.budget_usd,
        "budget_tokens": run.manifest.budget_tokens,
        "cost_usd": cost_usd,
        "tokens": tokens,
        "reached": any(spent is not None and limit and spent >= limit for spent, limit in limits),
    }
