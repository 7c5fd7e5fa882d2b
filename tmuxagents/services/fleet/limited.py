"""Which agents one limit has stopped, until when, and what is told of it: a limit is of an account, not of an agent."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from tmuxagents import clock
from tmuxagents.model import continuing
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import messages
from tmuxagents.value import Value


class Group(Value):
    """The agents that one limit has stopped."""

    agents: tuple[Agent, ...]

    @property
    def resets_ns(self) -> int | None:
        """When it ends; None where that is not told."""
        return max((a.condition.resets_ns for a in self.agents if a.condition.resets_ns is not None), default=None)

    @property
    def ids(self) -> frozenset[AgentId]:
        """Whose they are."""
        return frozenset(agent.id for agent in self.agents)


def groups(known: Sequence[Agent]) -> list[Group]:
    """Those that are limited, by what has stopped them; who has no account is alone."""
    found: list[list[Agent]] = []
    for agent in (one for one in known if one.condition.is_limited):
        own = next((team for team in found if continuing.is_same(team[0].condition, agent.condition)), None)
        if own is None:
            found.append([agent])
        else:
            own.append(agent)
    return [Group(tuple(team)) for team in found]


def words(group: Group, now_ns: int) -> str:
    """`3 agents are limited until 14:05: api, web, docs`"""
    names = ", ".join(agent.name for agent in group.agents)
    many = f"{len(group.agents)} agents are" if len(group.agents) > 1 else f"{group.agents[0].name} is"
    until = f" until {moment(group.resets_ns, now_ns)}" if group.resets_ns is not None else ", nobody knows until when"
    return f"{many} limited{until}" + (f": {names}" if len(group.agents) > 1 else "")


def moment(at_ns: int, now_ns: int) -> str:
    """`14:05`, with the day where it is another: on the reader's clock."""
    at, now = (time.localtime(ns / clock.SECOND) for ns in (at_ns, now_ns))
    shown = time.strftime("%H:%M:%S" if at_ns % (60 * clock.SECOND) else "%H:%M", at)
    return shown if at[:3] == now[:3] else f"{time.strftime('%d %b', at)} {shown}"


def continuations(app: App, known: Sequence[Agent]) -> Mapping[AgentId, int]:
    """When each goes on by what is planned; only who is limited does."""
    if not any(agent.condition.is_limited for agent in known):
        return {}
    planned = messages.held(app.db)
    return {one.agent_id: one.not_before_ns for one in planned if continuing.is_one(one.key)}


def reason(agent: Agent, continues_ns: int | None, now_ns: int) -> str:
    """`limited until 14:05, continues then`: what stands beside its state."""
    condition = agent.condition
    if not condition.is_limited:
        return ""
    if condition.resets_ns is None:
        return "until when is not told"
    # Where its program has ended that is not what its state says.
    until = f"{'limited ' if condition.state != 'limited' else ''}until {moment(condition.resets_ns, now_ns)}"
    if condition.goes_on:
        return f"{until}, goes on by itself then"
    return f"{until}, continues then" if continues_ns is not None else until
