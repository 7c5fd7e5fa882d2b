"""What is left of agents that were removed: listed, and taken away by id alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tmuxagents.drivers import files
from tmuxagents.errors import BadValue, Refused, TimedOut
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding, keeping, removing, trash
from tmuxagents.store import agents
from tmuxagents.value import Value


class Orphan(Value):
    """A worktree in the trash, or one in its place whose agent was removed."""

    id: str
    what: Literal["trash", "worktree"]
    agent: str
    branch: str
    path: str
    at_ns: int
    size: int


def listed(app: App) -> list[Orphan]:
    """All, the oldest first."""
    kept = [
        Orphan(
            one.id, "trash", one.agent, one.worktree.branch, one.worktree.path, one.at_ns, one.size if one.tree else 0
        )
        for one in trash.known(app)
    ]
    return sorted([*kept, *_without_agent(app)], key=lambda one: one.at_ns)


def _without_agent(app: App) -> list[Orphan]:
    found = []
    # Only agents of this fleet: to whom another fleet's worktree belongs is not for us to say.
    for agent in agents.forgotten(app.db):
        assert agent.worktree is not None
        at = finding.find(agent.worktree, agent.id).registered
        if at is not None and agent.id in (at.reason or ""):
            size = keeping.weigh(at.path).total
            branch = agent.worktree.branch
            found.append(Orphan(agent.id[:8], "worktree", agent.name, branch, at.path, agent.started_ns, size))
    return found


def one(orphans: Sequence[Orphan], ident: str) -> Orphan:
    """The one of that id."""
    found = next((each for each in orphans if each.id == ident), None)
    if found is None:
        raise BadValue(f"prune lists no '{ident[:40]}'", hint="tmuxagents prune")
    return found


def prune(app: App, orphan: Orphan) -> None:
    """Delete it for good if it lies in the trash; else put it there."""
    with files.locked(app.state / removing.LOCK, within=60) as mine:
        if not mine:
            raise TimedOut("another worktree is being removed", hint="tmuxagents ls")
        if orphan.what == "trash":
            _delete(app, orphan)
            return
        for agent in agents.forgotten(app.db):
            if agent.worktree is not None and agent.id.startswith(orphan.id):
                at = finding.find(agent.worktree, agent.id).registered
                if at is not None:
                    keeping.put_away(app, agent, agent.worktree, at)


def _delete(app: App, orphan: Orphan) -> None:
    kept = next((each for each in trash.known(app) if each.id == orphan.id), None)
    if kept is None:
        return
    if not kept.done:
        raise Refused(f"'{orphan.id}' is not whole in the trash", hint=f"tmuxagents rm --trash {kept.agent}")
    trash.discard(app, kept)
