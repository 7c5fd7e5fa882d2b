"""Have a person called beside the loop: it starts what is due and waits for nobody, one thing at a time a channel."""

from __future__ import annotations

from functools import partial

from tmuxagents import clock
from tmuxagents.services.controller import log
from tmuxagents.services.controller.background import Act, Ended
from tmuxagents.services.controller.team import Team
from tmuxagents.store import notices

DECIDE = ""
"""In the place of a channel's name."""


def call(team: Team) -> None:
    """Start what is due and is not under way, and note when the next is."""
    now, now_ns = clock.monotonic(), clock.now_ns()
    team.call_at = None
    for channel, due_ns in notices.due(team.app.db).items():
        if team.beside.busy(("notices", channel)):
            # Its end wakes the loop.
            continue
        at = max(now + (due_ns - now_ns) / clock.SECOND, team.calls.until)
        if at > now:
            team.call_at = at if team.call_at is None else min(at, team.call_at)
        else:
            team.beside.start(("notices", channel), _act(channel))


def _act(channel: str) -> Act:
    # Nothing of this is needed before somebody is called.
    from tmuxagents.services.notices import sending

    return sending.decide_due if channel == DECIDE else partial(sending.send_due, channel=channel)


def note(team: Team, ended: Ended) -> None:
    """Take in how one has ended: after an error (no room, a database that is busy) all rest for a moment."""
    if ended.error is not None:
        team.calls.lengthen(clock.monotonic(), first=1.0, longest=60.0)
        return
    team.calls.pause = 0.0
    if ended.result:
        log.write(team.app, f"notices go by what was set before: {ended.result}")
