"""What the set-up of a worktree means for its agent's condition, the same for every kind."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.kinds.base import Folded
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Hook, Observation, Record, Screen, SelfReport, SetUp, Tick
from tmuxagents.value import replace

_LONGEST = 80


def begins(condition: Condition, commands: Sequence[str]) -> Condition:
    """The condition of an agent whose program starts when these commands have been carried out."""
    if not commands:
        return replace(condition, set_up="")
    waiting = replace(condition, set_up=_line(commands[0]), evidence="its set-up is to run")
    return replace(waiting, reason=words(waiting))


def words(condition: Condition) -> str:
    """What is shown beside the state."""
    return f"set-up: {condition.set_up}"


def first(observations: Sequence[Observation]) -> Sequence[Observation]:
    """Those of the set-up before the rest: whatever the program says comes behind them."""
    if not any(isinstance(seen, SetUp) for seen in observations):
        return observations
    return sorted(observations, key=lambda seen: not isinstance(seen, SetUp))


def tells_nothing(condition: Condition, seen: Observation) -> bool:
    """Whether it is about a program that has not been started: what stands on the screen is the set-up's."""
    return bool(condition.set_up) and isinstance(seen, Screen | Tick)


def says_nothing(condition: Condition, said: str) -> bool:
    """Whether its last words are the row that names a command, which has printed nothing."""
    return bool(condition.set_up) and said.startswith("$ ")


def has_spoken(condition: Condition, seen: Observation) -> Condition:
    """The program itself is heard: whatever was not told of the set-up, that is over."""
    if not condition.set_up or not isinstance(seen, Hook | Record | SelfReport):
        return condition
    return replace(condition, set_up="", reason=None)


def observe(condition: Condition, seen: Observation) -> Folded:
    """Fold one observation in. Where no set-up is under way what is told of one was told before."""
    if not isinstance(seen, SetUp) or not condition.set_up:
        return condition, []
    if seen.how == "done":
        started = replace(
            condition, state="starting", set_up="", reason=None, since_ns=seen.at_ns, evidence="its set-up is done"
        )
        return started, [NewEntry("note", "set-up done", seen.at_ns)]
    now = replace(condition, state="starting", set_up=_line(seen.command), evidence=f"its set-up {seen.how}")
    if seen.how == "waits":
        return replace(now, reason=f"{words(now)}, when others are set up"), []
    return replace(now, reason=words(now)), [NewEntry("note", words(now), seen.at_ns)]


def _line(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
