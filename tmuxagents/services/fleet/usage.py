"""What agents have used and what it cost: each, or by run, day, account and model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from tmuxagents import clock
from tmuxagents.kinds import registry
from tmuxagents.model import budget
from tmuxagents.model.agent import Agent
from tmuxagents.model.budget import Share
from tmuxagents.model.spending import Spent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents, spent
from tmuxagents.value import Value, replace

By = Literal["agent", "run", "day", "account", "model"]

_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "microusd", "worked_ns")


class Line(Value):
    """What one of them has used. `of` is its name, "" where there is none. `microusd` is None where nobody knows;
    `least`: some of it is not known, so that it is more. `told`: whether its tokens are known at all."""

    of: str
    used: Spent
    microusd: int | None
    least: bool = False
    told: bool = True
    agent: Agent | None = None
    shares: tuple[Share, ...] = ()

    @property
    def rate(self) -> float | None:
        """Tokens of output for each second that its turns ran; None where they ran for less than one."""
        worked = self.used.worked_ns
        return self.used.output_tokens * clock.SECOND / worked if worked >= clock.SECOND else None


def lines(app: App, chosen: Sequence[Agent], *, by: By, since_ns: int | None, everybody: bool) -> list[Line]:
    """A line for each agent, or for each run, day, account or model; `everybody` counts removed agents there too."""
    steps = spent.of(app.db, since_ns=since_ns or 0)
    if by == "agent":
        return [_of_agent(agent, [step for own, step in steps if own == agent.id], since_ns) for agent in chosen]
    ids = {agent.id for agent in chosen}
    kept = [(own, step) for own, step in steps if everybody or own in ids]
    known = {own: agents.by_id(app.db, own) for own in {own for own, _ in kept}}
    name = _names(by, known)
    found: dict[str, list[tuple[AgentId, Spent]]] = {}
    for own, step in kept:
        found.setdefault(name(own, step), []).append((own, step))
    return [_group(of, own, known) for of, own in sorted(found.items())]


def total(found: Sequence[Line]) -> Line:
    """All of them together."""
    known = [line.microusd for line in found if line.microusd is not None]
    least = any(line.microusd is None or line.least for line in found)
    used = _sum([line.used for line in found])
    return Line("total", used, sum(known) if known else None, least=least and bool(known))


def _of_agent(agent: Agent, steps: Sequence[Spent], since_ns: int | None) -> Line:
    used = _sum(steps)
    now = agent.condition.usage
    if since_ns is None:
        # What its condition says is the sum of its steps.
        counts = {name: getattr(now, name) for name in _COUNTS[:4]}
        used = replace(used, **counts, microusd=now.microusd or 0)
    shares = tuple(budget.shares(budget.of(agent.options), now))
    told = registry.kind(agent.kind).TELLS_USAGE
    return Line(agent.name, used, _known(agent, used.microusd), told=told, agent=agent, shares=shares)


def _known(agent: Agent | None, microusd: int) -> int | None:
    """What it cost; None where that was never told. One that was given nothing yet has cost nothing."""
    if agent is None or agent.condition.usage.microusd is not None:
        return microusd
    told = registry.kind(agent.kind).TELLS_USAGE
    return microusd if told and not agent.condition.turns and not agent.condition.usage.output_tokens else None


def _group(of: str, steps: Sequence[tuple[AgentId, Spent]], known: Mapping[AgentId, Agent | None]) -> Line:
    costs = [_known(known.get(own), step.microusd) for own, step in steps]
    told = [cost for cost in costs if cost is not None]
    used = _sum([step for _, step in steps])
    return Line(of, used, sum(told) if told else None, least=bool(told) and len(told) < len(costs))


def _names(by: By, known: Mapping[AgentId, Agent | None]) -> Callable[[AgentId, Spent], str]:
    match by:
        case "day":
            return lambda _, step: time.strftime("%Y-%m-%d", time.localtime(step.at_ns / clock.SECOND))
        case "account":
            return lambda _, step: step.account
        case "model":
            return lambda _, step: step.model
        case _:
            return lambda own, _: _run_of(known.get(own))


def _run_of(agent: Agent | None) -> str:
    run = agent.options.get("run") if agent is not None else None
    return str(run.get("name") or "") if isinstance(run, Mapping) else ""


def _sum(steps: Sequence[Spent]) -> Spent:
    return Spent(0, **{name: sum(getattr(step, name) for step in steps) for name in _COUNTS})
