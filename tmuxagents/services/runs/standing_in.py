"""Carry a run on where the controller is stuck: what its agents have said is read, what follows of it recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.runs import ending, stepping
from tmuxagents.services.server import controller_alive

STEPS = 20
"""At most so many in one look: the next look takes the rest."""

_NEXT = "; the tasks that are next begin when it goes on"


def stand_in(app: App, run_ids: Iterable[str], *, ends: bool = False) -> None:
    """Take those runs on where the controller runs and does not turn, and remark that. With `ends` whom nobody waits
    for any more is stopped too, which takes its time. Nothing is begun: what is due waits in the queue."""
    if not controller_alive.runs(app) or controller_alive.turns_on(app, besides=_NEXT):
        return
    fleet_now(app)
    for run_id in run_ids:
        # What cannot be done now is tried at the next look, or done by the controller.
        with contextlib.suppress(TmuxagentsError):
            _go_on(app, run_id, ends=ends)


def _go_on(app: App, run_id: str, *, ends: bool) -> None:
    """As the controller does: whoever steps beside it, one of the two records."""
    for _ in range(STEPS):
        stepped = stepping.step(app, run_id)
        for agent in stepped.stop if ends else ():
            ending.end(app, agent)
        if not stepped.moved and not (ends and stepped.stop):
            return
