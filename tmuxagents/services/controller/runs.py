"""Take each run a step on when something of it has happened, beside the loop: a step looks, decides and records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.team import Pace, Team
from tmuxagents.store import going

if TYPE_CHECKING:
    from tmuxagents.services.runs.known_run import Known
    from tmuxagents.services.runs.stepping import Stepped

APART_S = 0.05
"""Between two steps of a run: what happens meanwhile is taken in together."""

LOOK_S = 2.0
"""How often a run is looked at where nothing tells of it: a lock that somebody else has given back."""


def take_over(team: Team) -> None:
    """What was left behind: environments of runs that were never recorded."""
    if next((team.app.state / "runs").glob("*"), None) is not None:
        from tmuxagents.services.runs import filling

        filling.sweep(team.app)


def refresh(team: Team) -> None:
    """Look at every run that is not over."""
    now = clock.monotonic()
    ids = going.runs(team.app.db)
    for gone in set(team.paces) - set(ids):
        del team.paces[gone]
    for run_id in ids:
        team.paces.setdefault(run_id, Pace()).due_at = now


def note_said(team: Team, agent: Agent) -> None:
    """An agent has said or done something: the run that it was begun for may go on."""
    mark = agent.options.get("run")
    pace = team.paces.get(str(mark.get("id"))) if isinstance(mark, dict) else None
    if pace is not None:
        pace.due_at = clock.monotonic()


def go_on(team: Team) -> None:
    """Step what is due and is not being stepped."""
    now = clock.monotonic()
    for run_id, pace in team.paces.items():
        if not team.beside.busy(("run", run_id)) and next_of(pace) <= now:
            pace.stepped_at, pace.due_at = now, None
            team.beside.start(("run", run_id), partial(_step, run_id=run_id, known=pace.known))


def next_of(pace: Pace) -> float:
    """When it is stepped next."""
    due = min(at for at in (pace.due_at, pace.wake_at, pace.stepped_at + LOOK_S) if at is not None)
    return max(due, pace.stepped_at + APART_S, pace.rest.until)


def next_at(team: Team) -> float | None:
    """When the next step is due; the end of one that is under way wakes the controller itself."""
    return min((next_of(p) for i, p in team.paces.items() if not team.beside.busy(("run", i))), default=None)


def _step(app: App, *, run_id: str, known: Known | None) -> Stepped:
    from tmuxagents.services.runs import stepping

    return stepping.step(app, run_id, known)


def note(team: Team, run_id: str, ended: Ended) -> None:
    """Take in what a step came to: go on at once where something was recorded, stop and revive whom it names."""
    pace, now = team.paces.get(run_id), clock.monotonic()
    if pace is None:
        return
    if ended.error is not None or ended.result is None:
        pace.known = None
        pace.rest.lengthen(now, first=0.5, longest=30.0)
        return
    stepped: Stepped = ended.result  # type: ignore[assignment]
    pace.known, pace.rest.pause, pace.rest.until = stepped.known, 0.0, 0.0
    if stepped.moved:
        pace.due_at = now
    wake = stepped.wake_ns
    pace.wake_at = None if wake is None else now + max(0.0, (wake - clock.now_ns()) / clock.SECOND)
    for agent in stepped.stop:
        team.beside.start(("stop", agent.id), partial(_stop, agent=agent))
    for agent in stepped.interrupt:
        team.beside.start(("interrupt", agent.id), partial(_interrupt, agent=agent))
    for agent in stepped.revive:
        team.beside.start(("revive", agent.id), partial(_revive, agent=agent))
    for agent in stepped.passed:
        team.beside.start(("forget", agent.id), partial(_forget, agent=agent))
    if stepped.known is None or stepped.known.run.ended_ns is not None:
        del team.paces[run_id]


def _stop(app: App, *, agent: Agent) -> None:
    from tmuxagents.services.runs import ending

    ending.end(app, agent)


def _interrupt(app: App, *, agent: Agent) -> None:
    from tmuxagents.services.talk import interrupt

    interrupt.interrupt(app, agent)


def _revive(app: App, *, agent: Agent) -> None:
    from tmuxagents.services.runs import reviving

    reviving.revive(app, agent)


def _forget(app: App, *, agent: Agent) -> None:
    from tmuxagents.services.lifecycle import forget
    from tmuxagents.services.server import startup

    forget.forget(app, agent)
    startup.nudge(app)


def note_acted(team: Team, agent_id: AgentId, ended: Ended) -> None:
    """One that was stopped, interrupted or started again: it is read on, and its run goes on. What could not be done is
    tried again when the run is looked at next."""
    watched = team.watched.get(agent_id)
    if watched is None:
        return
    watched.dirty = True
    if ended.error is None:
        note_said(team, watched.agent)
