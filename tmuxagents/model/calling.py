"""Whether a person is called now, later or not at all, and over what: pure."""

from __future__ import annotations

from typing import cast

from tmuxagents import clock
from tmuxagents.config_notices import Notices
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Dialog, Need
from tmuxagents.model.notice import NewNotice, Notice, dialog_id
from tmuxagents.model.run import Run
from tmuxagents.value import Value, replace

LOOKS_S = 120.0
"""Who has not typed for so long does not look at the window that his terminal shows."""

TRIES = 6
"""How often a channel that refuses is tried."""


class Moment(Value):
    """What is known when it is decided: whether a person looks at that very window, whether what the notice
    tells still holds, whether the agent was resumed or removed since, when one of that kind was last sent about it."""

    now_ns: int
    looked_at: bool = False
    holds: bool = True
    is_past: bool = False
    last_ns: int | None = None


class Decision(Value):
    """Over which channels it goes, and why over none. `next_ns`: when it is to be decided upon again."""

    channels: tuple[str, ...] = ()
    why: str = ""
    next_ns: int | None = None
    later: bool = False


def first(notice: Notice, moment: Moment, settings: Notices) -> Decision:
    """Upon the transition.

    A dialog that was not there before is told at once; what comes again and again (a limit, a failure) is kept back
    until the last one is `cooldown` old, and told then if it still holds.
    """
    if notice.new.kind not in settings.on:
        return Decision(why="not asked for")
    if moment.is_past:
        # Who resumed or removed it knows.
        return Decision(why="somebody reacted before")
    if notice.new.kind == "needs" and not moment.holds:
        return Decision(why="settled before anybody could be called")
    if notice.delayed and not moment.holds:
        return Decision(why="over when it had cooled down")
    cool_ns = _cool_ns(notice, moment, settings)
    if cool_ns is not None:
        return Decision(why="cools down", next_ns=cool_ns, later=True)
    again = _escalates_ns(notice, moment, settings)
    if moment.looked_at:
        return Decision(why="somebody was looking at it", next_ns=again)
    return Decision(settings.channels, next_ns=again)


def escalated(notice: Notice, moment: Moment, settings: Notices) -> Decision:
    """When nobody has reacted for a while: what was settled is over, who looks at it has been reached."""
    if moment.is_past or not moment.holds:
        return Decision(why="somebody reacted")
    if moment.looked_at:
        return Decision(why="somebody looks at it")
    return Decision(settings.escalate)


def over(notice: Notice, agent: Agent | Run | None) -> str:
    """Why it is not tried again, "" where it is: nobody is called for what was settled or has passed. That a turn has
    ended stays true."""
    if is_past(notice, agent):
        return f"the {_whose(notice)} was {'resumed' if agent is not None else 'removed'} meanwhile"
    if notice.new.kind in ("budget", "finished", "test") or holds(notice, agent):
        return ""
    return "its dialog was settled meanwhile" if notice.new.kind == "needs" else "it has passed meanwhile"


def _whose(notice: Notice) -> str:
    return "run" if notice.is_of_run else "agent"


def is_past(notice: Notice, agent: Agent | Run | None) -> bool:
    """Whether the agent, or the run, was resumed or removed (None) since."""
    if isinstance(agent, Run):
        return agent.ended_ns != notice.new.since_ns
    return agent is None or agent.generation != notice.generation


def holds(notice: Notice, agent: Agent | Run | None) -> bool:
    """Whether the agent, or the run, is still as the notice tells, and nobody has reacted."""
    if agent is None or is_past(notice, agent):
        return False
    if isinstance(agent, Run):
        return True
    now, told = agent.condition, notice.new
    if told.kind == "needs":
        return now.state == "waiting" and told.dialog in _ids(agent, told)
    return now.state == told.state and now.since_ns == told.since_ns


def _ids(agent: Agent, told: NewNotice) -> tuple[str | None, str | None]:
    """How the dialog that stands there would be named, also had no more been known of it than was told: a report
    tells of a dialog before its screen is read."""
    now = agent.condition
    bare = replace(now, dialog=Dialog(cast("Need", told.needs), told.what))
    return dialog_id(agent.id, agent.generation, now), dialog_id(agent.id, agent.generation, bare)


def looks(active_s: float, now_ns: int) -> bool:
    """Whether who typed last at that moment (seconds of the epoch) is still there."""
    return abs(now_ns / clock.SECOND - active_s) <= LOOKS_S


def pause_s(tries: int) -> float | None:
    """How long after that many tries that failed the next one waits; None when it was the last."""
    return None if tries >= TRIES else 5.0 * 3.0 ** (tries - 1)


def _cool_ns(notice: Notice, moment: Moment, settings: Notices) -> int | None:
    if notice.new.kind == "needs" or moment.last_ns is None:
        return None
    until = moment.last_ns + round(settings.cooldown * clock.SECOND)
    # What lies ahead of now was sent before the clock was set back.
    return until if moment.last_ns <= moment.now_ns < until else None


def _escalates_ns(notice: Notice, moment: Moment, settings: Notices) -> int | None:
    if not (settings.after and settings.escalate) or notice.new.kind in ("budget", "finished"):
        return None
    return moment.now_ns + round(settings.after * clock.SECOND)
