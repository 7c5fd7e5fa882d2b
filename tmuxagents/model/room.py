"""Whether there is room for one more agent that works, and whose turn it is among those that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tmuxagents.settings import sizes
from tmuxagents.value import Value, replace

PERSON = "you"
"""The owner of what a person has asked for; what a run asks for has the run's id."""

RESERVE = 300 * 2**20
"""Bytes that one which has just been started will take and does not show yet: Claude Code takes some 250 MB within its
first seconds. Of ten that begin within one second each would see the memory that the other nine are about to take."""


class Bounds(Value):
    """What the settings say: so many may work at once, so many bytes stay free, so much finished work may wait for a
    person. 0: no bound."""

    max_agents: int = 0
    min_free: int = 0
    max_unreviewed: int = 0


class Load(Value):
    """How it is now: how many are `starting` or `working`, how many of them `starting`, the bytes that are free (None
    where nobody can say), how many have finished work that nobody has looked at. `full`: the disk is. `unbounded`:
    nobody can say what the settings are."""

    busy: int = 0
    starting: int = 0
    free: int | None = None
    unreviewed: int = 0
    full: bool = False
    unbounded: bool = False


class Waiting(Value):
    """One that waits. `round` and `place` are its turn: see `round_for`. `now`: no bound holds it back. `why` is what
    held the line back last, `held` what holds it alone back: it keeps its place, and nobody waits behind it."""

    agent_id: str
    owner: str
    round: int
    place: int
    now: bool = False
    why: str = ""
    held: str = ""


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """In the order in which they begin."""
    return sorted(waiting, key=lambda one: (not one.now, one.round, one.place))


def round_for(owner: str, waiting: Iterable[Waiting], current: int) -> int:
    """The round of a new one of that owner's; `current` is that of the one which began last.

    An owner has one turn in a round: so nobody waits for more than one of each other owner a round, however many
    those have asked for. A round that has begun takes in nobody new, so each ends, and nobody is overtaken for ever.
    """
    return max([current, *(one.round for one in waiting if one.owner == owner)]) + 1


def held_by(bounds: Bounds, load: Load) -> str:
    """What keeps the next one from beginning; empty where there is room.

    Memory never holds back the only one: where nothing of ours works, waiting would free none.
    """
    if load.full:
        return "the disk is full"
    if load.unbounded:
        return "the configuration cannot be read"
    if bounds.max_agents and load.busy >= bounds.max_agents:
        return f"max_agents = {bounds.max_agents}"
    if bounds.max_unreviewed and load.unreviewed >= bounds.max_unreviewed:
        return f"max_unreviewed = {bounds.max_unreviewed}"
    free = load.free - load.starting * RESERVE if load.free is not None else None
    if load.busy and free is not None and free < bounds.min_free:
        return f"min_free_memory = {sizes.words(bounds.min_free)}"
    return ""


def next_one(waiting: Sequence[Waiting], bounds: Bounds, load: Load) -> Waiting | None:
    """The one that begins now; None where nobody waits, or all are held back."""
    line = [one for one in in_order(waiting) if not one.held]
    if not line or (held_by(bounds, load) and (not line[0].now or load.full)):
        return None
    return line[0]


def moved(waiting: Iterable[Waiting], agent_id: str, to: int) -> list[Waiting]:
    """The line with that one at place `to`, counted from 1 (the last where there are not so many), numbered anew.

    It takes over the round of the one that it stands before, which keeps the order by rounds as it is shown.
    """
    line = in_order(waiting)
    one = next(each for each in line if each.agent_id == agent_id)
    rest = [each for each in line if each is not one]
    at = min(max(1, to), len(line)) - 1
    near = rest[at] if at < len(rest) else rest[-1] if rest else one
    line = [*rest[:at], replace(one, round=near.round, now=near.now), *rest[at:]]
    return [replace(each, place=number) for number, each in enumerate(line, 1)]


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`"""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th')}"


def told(place: int, why: str) -> str:
    """What is said of one that waits: `3rd in the queue: max_agents = 4`."""
    return f"{ordinal(place)} in the queue" + (f": {why}" if why else "")
