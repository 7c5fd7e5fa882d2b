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
    `least`: some of it is not known, so that it is more. `told`: whether its tokens are known at all; `tokens_least`:
    those of some of it are not. `owes` is False where its cost is not told yet and cannot be any. `timed`: the tokens
    of output and the nanoseconds of those of it alone that tell both."""

    of: str
    used: Spent
    microusd: int | None
    least: bool = False
    told: bool = True
    tokens_least: bool = False
    owes: bool = True
    timed: tuple[int, int] | None = None
    agent: Agent | None = None
    shares: tuple[Share, ...] = ()

    @property
    def rate(self) -> float | None:
        """Tokens of output for each second that its turns ran; None where they ran for less than one."""
        count, worked = self.both
        return count * clock.SECOND / worked if worked >= clock.SECOND else None

    @property
    def both(self) -> tuple[int, int]:
        """`timed`; of one alone what it has used, where both are known."""
        if self.timed is not None:
            return self.timed
        return (self.used.output_tokens, self.used.worked_ns) if self.told and self.used.worked_ns > 0 else (0, 0)


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
    return _together("total", found)


def _together(of: str, found: Sequence[Line]) -> Line:
    known = [line.microusd for line in found if line.microusd is not None]
    least = any((line.microusd is None and line.owes) or line.least for line in found)
    told = [line for line in found if line.told]
    return Line(
        of,
        _sum([line.used for line in told]),
        sum(known) if known else None,
        least=least and bool(known),
        told=bool(told) or not found,
        tokens_least=bool(told) and (len(told) < len(found) or any(line.tokens_least for line in told)),
        owes=least or bool(known),
        timed=(sum(line.both[0] for line in found), sum(line.both[1] for line in found)),
    )


def _of_agent(agent: Agent, steps: Sequence[Spent], since_ns: int | None) -> Line:
    used = _sum(steps)
    now = agent.condition.usage
    if since_ns is None:
        # What its condition says is the sum of its steps.
        counts = {name: getattr(now, name) for name in _COUNTS[:4]}
        used = replace(used, **counts, microusd=now.microusd or 0)
    shares = tuple(budget.shares(budget.of(agent.options), now))
    return replace(_part(agent.name, agent, used), agent=agent, shares=shares)


def _part(of: str, agent: Agent | None, used: Spent) -> Line:
    """What is known of what an agent has used; one that was given nothing yet has told no cost, and owes none."""
    if agent is None:
        return Line(of, used, used.microusd)
    now, told = agent.condition, registry.kind(agent.kind).TELLS_USAGE
    cost = used.microusd if now.usage.microusd is not None else None
    owes = cost is not None or not told or bool(now.turns or now.usage.output_tokens)
    return Line(of, used, cost, told=told, owes=owes)


def _group(of: str, steps: Sequence[tuple[AgentId, Spent]], known: Mapping[AgentId, Agent | None]) -> Line:
    own: dict[AgentId, list[Spent]] = {}
    for agent_id, step in steps:
        own.setdefault(agent_id, []).append(step)
    return _together(of, [_part(of, known.get(agent_id), _sum(each)) for agent_id, each in own.items()])


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
