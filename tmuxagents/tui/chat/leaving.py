"""How long who leaves waits for what is on its way: with a terminal not for long, without one until it is known."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.tui.chat.room import Room

LEAVING_S = 15.0
"""So long what is on its way is waited for on leaving."""

SHOWN_S = 0.5
"""So long the stream has to show what an agent has. Then its verdict is enough: what is proven is not waited for."""

ALONE_S = 150.0
"""So long a delivery that is under way takes at most: it waits two minutes for others who talk to that agent. Where the
terminal is gone nobody waits for us, and to die in the middle of it would leave a text in an input box."""


def waits(room: Room, since_s: float, *, gone: bool) -> bool:
    """Whether it is waited on, when the leaving began at that moment. `gone`: the terminal is no more."""
    passed = clock.monotonic() - since_s
    if passed >= SHOWN_S:
        room.hurry()
    if passed < LEAVING_S:
        return room.owed > 0
    if not gone:
        return False
    room.hand_over()
    return room.trying > 0 and passed < ALONE_S
