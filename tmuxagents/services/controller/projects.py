"""Have the worktrees of a repository looked at when one of them has changed and is quiet, beside the loop.

That one has changed is told by what its agent says and does, and by what git writes there: an index or a HEAD comes
by a rename, which the kernel tells. No work tree is watched, and nothing is looked at while nobody does anything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.isolation import tell
from tmuxagents.services.controller.team import Project, Team
from tmuxagents.value import Value

QUIET_S = 1.0
"""How long nothing must have changed."""

LATEST_S = 15.0
"""After so long it is looked at although it never was quiet."""

_SHARE = 15
"""A look rests so many times as long as it took: all of them take a sixteenth of a core at most."""

_LONGEST_REST_S = 300.0

STUCK_S = 150.0
"""A look that takes so long hangs: each git of it is killed before, so that it is the file system."""


class Look(Value):
    """What it came to, and how long it took."""

    checkouts: Sequence[str]
    left: bool
    failed: bool
    seconds: float


def refresh(team: Team, known: Sequence[Agent]) -> None:
    """Look at each repository that is new; drop those that have no agents any more."""
    commons = {agent.worktree.repository for agent in known if agent.worktree is not None}
    for gone in set(team.projects) - commons:
        for path in team.projects.pop(gone).paths:
            team.wake.forget(path)
    for common in commons:
        if common not in team.projects:
            _touch(team.projects.setdefault(common, Project()))


def note_said(team: Team, agent: Agent) -> None:
    """An agent has said or done something: its files may have changed."""
    if agent.worktree is not None:
        _touch(team.projects.setdefault(agent.worktree.repository, Project()))


def note_changed(team: Team, changed: Collection[Path]) -> None:
    """git has written something there."""
    for project in team.projects.values() if changed else ():
        if not project.paths.isdisjoint(changed):
            _touch(project)


def _touch(project: Project) -> None:
    now = clock.monotonic()
    project.last_at = now
    project.changed_at = now if project.changed_at is None else project.changed_at


def look(team: Team) -> None:
    """Start what is due, and note when the next is."""
    now = clock.monotonic()
    team.look_at = None
    for common, project in team.projects.items():
        if team.beside.busy(("projects", common)):
            # Its end wakes the loop.
            _tell_stuck(team, common, project, now)
            continue
        due = _due(project)
        if due is not None and due <= now:
            project.changed_at, project.began_at, project.told = None, now, False
            team.beside.start(("projects", common), partial(_look, common=common))
        elif due is not None:
            team.look_at = due if team.look_at is None else min(due, team.look_at)


def _due(project: Project) -> float | None:
    if project.changed_at is None:
        return None
    quiet = min(project.last_at + QUIET_S, project.changed_at + LATEST_S)
    return max(quiet, project.rest.until)


def _look(app: App, *, common: str) -> Look:
    # Nothing of this is needed where no agent has a worktree.
    from tmuxagents.services.review import standing

    began = clock.monotonic()
    found = standing.measure(app, common)
    return Look(found.checkouts, found.left, found.failed, clock.monotonic() - began)


def note(team: Team, common: str, ended: Ended) -> None:
    """Take in what came of it: what could not be looked at is looked at again, ever more seldom."""
    project, now = team.projects.get(common), clock.monotonic()
    if project is None:
        return
    project.began_at = None
    if not isinstance(ended.result, Look) or ended.result.failed:
        project.rest.lengthen(now, first=3.0, longest=_LONGEST_REST_S)
        _touch(project)
        return
    result = ended.result
    project.rest.pause, project.rest.until = 0.0, now + min(_LONGEST_REST_S, _SHARE * result.seconds)
    if result.left:
        _touch(project)
    # Only now: git has just answered there, so that the file system does.
    for path in map(Path, result.checkouts):
        # Also what was: one that was moved away and back is not watched any more.
        if team.wake.watch(path):
            project.paths.add(path)


def _tell_stuck(team: Team, common: str, project: Project, now: float) -> None:
    if project.told or project.began_at is None or now - project.began_at < STUCK_S:
        return
    project.told = True
    mine = [watched.agent for watched in team.watched.values() if _is_live_in(watched.agent, common)]
    tell(team, mine, "note", "its worktree cannot be looked at: a look does not end")


def _is_live_in(agent: Agent, common: str) -> bool:
    worktree = agent.worktree
    return worktree is not None and worktree.repository == common and agent.condition.state not in OVER
