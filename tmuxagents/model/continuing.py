"""When an agent that a limit has stopped goes on: which continuation that is, and its moment among the others."""

from __future__ import annotations

from collections.abc import Iterable

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition

TEXT = "continue"
TEXT_ANEW = "A usage limit ended your work, and is over. Go on with your task."
"""What one is told that runs without a terminal: the limit has ended its program."""

PREFIX = "continue:"
"""What the key of a continuation begins with."""

_SECOND = 1_000_000_000
_SLACK_NS = _SECOND
"""How far behind the moment that is told the first goes on: the other clock is not ours."""

_TOGETHER_NS = 600 * _SECOND
_NEAR_NS = 60 * _SECOND

_ITSELF_NS = 180 * _SECOND
"""How long an agent program has that says it goes on by itself: 2.1.330 of Claude Code takes about 70 s."""


def key(agent: Agent) -> str | None:
    """What names the continuation that a limited agent may have: one for each turn that a limit stopped. None where it
    is in another state, where a person is asked, or a text waits in the program's own queue; and where it was ended
    and a run begins its tasks again itself."""
    now = agent.condition
    if not now.is_limited or agent.phase != "running":
        return None
    if agent.options.get("run") if has_ended(now) else now.queued or now.task_due:
        return None
    return f"{PREFIX}{agent.generation}:{now.turn}"


def has_ended(condition: Condition) -> bool:
    """Whether a limit has ended its program: it goes on by being started again."""
    return condition.is_limited and condition.state != "limited"


def text(condition: Condition) -> str:
    """What it is told then."""
    return TEXT_ANEW if has_ended(condition) else TEXT


def is_same(one: Condition, other: Condition) -> bool:
    """Whether two agents are limited by the same: on one account, until one moment; where that is not told, since
    about the same time."""
    if not one.account or one.account != other.account:
        return False
    if one.resets_ns is None or other.resets_ns is None:
        return one.resets_ns == other.resets_ns and abs(one.since_ns - other.since_ns) < _TOGETHER_NS
    return abs(one.resets_ns - other.resets_ns) < _NEAR_NS


def is_one(name: str | None) -> bool:
    """Whether that is the key of a continuation."""
    return name is not None and name.startswith(PREFIX)


def is_early(condition: Condition, at_ns: int) -> bool:
    """Whether more is known by now than when that moment was planned: it goes on by itself, or later than its text
    said."""
    return condition.resets_ns is not None and at_ns < _least(condition)


def _least(condition: Condition) -> int:
    return (condition.resets_ns or 0) + (_ITSELF_NS if condition.goes_on else _SLACK_NS)


def moment(condition: Condition, taken: Iterable[int], spacing_s: float) -> int:
    """The first moment behind the end of its limit that is so far from those that are taken."""
    space = max(1, round(spacing_s * _SECOND))
    at = _least(condition)
    for other in sorted(taken):
        if abs(other - at) < space:
            at = other + space
    return at
