"""What the outcome of an agent's turn, or of its program, means for the task that it is of."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from tmuxagents.kinds import registry
from tmuxagents.model import json_schema, owed
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.owed import Outcome
from tmuxagents.model.run import Seen
from tmuxagents.services import budgets
from tmuxagents.services.app import App
from tmuxagents.services.runs import answering
from tmuxagents.value import replace


def judged(
    app: App,
    agent: Agent,
    outcome: Outcome | None,
    schema: Mapping[str, Any] | None = None,
    text: str | None = None,
    *,
    owing: int = 0,
) -> Seen:
    """`schema` is what its answer has to satisfy, `text` that answer where it is not the last that it said, `owing`
    how many messages it is still to get."""
    condition = agent.condition
    if outcome is not None and outcome.interrupted and is_by_person(agent):
        # Who has interrupted it says how it goes on, and what it answers to that counts.
        outcome, text = owed.task_done(condition, messages=owing), None
    if outcome is None:
        now = Seen(
            "needs-you" if condition.state == "waiting" else "limited" if condition.state == "limited" else "runs"
        )
    elif outcome.how == "there":
        text = text or answering.last(app, agent)
        wrong = json_schema.validate(text, schema) if schema is not None else None
        now = (
            Seen("answered", answer=text)
            if wrong is None
            else Seen("failed", error=f"its answer is not as asked: {wrong}")
        )
    elif outcome.interrupted and is_by_person(agent):
        now = Seen("needs-you")
    elif condition.state == "limited":
        now = Seen("limited", error=condition.reason)
    elif is_stopped(agent):
        now = Seen("over", error="its agent was stopped")
    else:
        now = Seen("failed", answer=None, error=_why(app, agent, outcome), by_person=_was_ended_by_hand(agent))
    return replace(now, started_ns=agent.started_ns)


def is_by_person(agent: Agent) -> bool:
    """Whether it is a person who has interrupted it: we do for a budget that is reached."""
    return budgets.refusal(agent) is None


def is_interrupted(agent: Agent) -> bool:
    """Whether somebody has stopped its turn and has not told it how to go on."""
    return agent.condition.state == "idle" and agent.condition.ended == "interrupted"


def is_stopped(agent: Agent) -> bool:
    """Whether somebody has stopped it."""
    state = agent.condition.state
    return state in OVER and agent.phase in ("stopping", "stopped") and state != "failed"


def _was_ended_by_hand(agent: Agent) -> bool:
    """Whether it was interrupted, and has ended of that: nobody else sends SIGINT."""
    condition = agent.condition
    if condition.state not in OVER or condition.state == "lost":
        return False
    if registry.kind(agent.kind).CONFIRMS:
        return condition.ended == "interrupted" and (agent.is_headless or condition.turn <= condition.turns)
    return condition.exit_code == 128 + signal.SIGINT


def _why(app: App, agent: Agent, outcome: Outcome) -> str:
    """In a person's words, with the last of what a program printed: who tries again has to know it."""
    said = (outcome.said or outcome.how).removeprefix("is ").removeprefix("failed: ")
    if registry.kind(agent.kind).CONFIRMS:
        return said
    last = answering.last(app, agent)
    return f"{said}\n{last[-4000:]}" if last else said
