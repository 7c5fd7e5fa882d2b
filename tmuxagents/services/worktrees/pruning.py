"""What is left of agents that were removed: listed, and taken away by id alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

from tmuxagents.drivers import files
from tmuxagents.drivers.git import call, places, work
from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.errors import BadValue, NoWorktree, Refused, TimedOut, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding, keeping, mending, removing, trash
from tmuxagents.store import agents
from tmuxagents.value import Value, replace


class Orphan(Value):
    """A worktree in the trash, one in its place whose agent was removed, a branch of such a one whose commits another
    has too, or an agent whose worktree is gone."""

    id: str
    what: Literal["trash", "worktree", "branch", "agent"]
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
    found = [*kept, *_without_agent(app), *_unknown(app), *_branches(app), *_without_worktree(app)]
    return sorted(found, key=lambda one: one.at_ns)


def _branches(app: App) -> list[Orphan]:
    """Those that were made for an agent that was removed, and went on: by their own record, and by what they hold."""
    found: list[Orphan] = []
    used = {one.worktree.branch for one in agents.known(app.db) if one.worktree is not None}
    used |= {kept.worktree.branch for kept in trash.known(app)}
    forgotten = [one for one in agents.forgotten(app.db) if one.worktree is not None and one.worktree.own_branch]
    tips = {place: _tips(place) for place in {one.worktree.repository for one in forgotten if one.worktree}}
    for agent in forgotten:
        worktree = agent.worktree
        assert worktree is not None
        tip = tips[worktree.repository].get(worktree.branch)
        if tip is None or worktree.branch in used or not _is_spare(worktree, tip, mending.why(agent)):
            continue
        ident = f"{agent.id[:8]}-branch"
        found.append(Orphan(ident, "branch", agent.name, worktree.branch, tip, agent.started_ns, 0))
    return found


def _tips(common: str) -> dict[str, str]:
    if not os.path.isdir(common):
        return {}
    rows = os.fsdecode(
        call.unasked(common, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads/")
    )
    return {name: tip for tip, _, name in (row.partition(" ") for row in rows.splitlines())}


def _is_spare(worktree: Worktree, tip: str, why: str) -> bool:
    """Whether it is the very branch, checked out nowhere, and every commit of it is elsewhere too."""
    main = places.of(worktree.repository)
    if main is None or not git_worktree.made_with(worktree.repository, worktree.branch, why):
        return False
    alone = work.commits(replace(main, head=tip), worktree.branch, worktree.landed)
    return not alone and git_worktree.holds_branch(main, worktree.branch) is None


def _without_worktree(app: App) -> list[Orphan]:
    gone = [one for one in agents.known(app.db) if one.condition.state in OVER and one.worktree is not None]
    return [
        Orphan(one.id[:8], "agent", one.name, one.worktree.branch, one.worktree.path, one.started_ns, 0)
        for one in gone
        if one.worktree is not None and finding.find(one.worktree, one.id).how in ("gone", "unknown")
    ]


def _without_agent(app: App) -> list[Orphan]:
    found = []
    # Only agents of this fleet: to whom another fleet's worktree belongs is not for us to say.
    for agent in agents.forgotten(app.db):
        assert agent.worktree is not None
        at = finding.find(agent.worktree, agent.id).registered
        if at is not None and finding.is_of(at, agent.id):
            size = keeping.weigh(at.path).total
            branch = agent.worktree.branch
            found.append(Orphan(agent.id[:8], "worktree", agent.name, branch, at.path, agent.started_ns, size))
    return found


def _unknown(app: App) -> list[Orphan]:
    """Folders that their repository does not know any more, or that have none: each that of its newest agent."""
    used = {one.worktree.path for one in agents.known(app.db) if one.worktree is not None}
    left = {one.worktree.path: (one, one.worktree) for one in agents.forgotten(app.db) if one.worktree is not None}
    return [
        Orphan(agent.id[:8], "worktree", agent.name, at.branch, path, agent.started_ns, keeping.weigh(path).total)
        for path, (agent, at) in left.items()
        if path not in used and at.own and finding.find(at, agent.id).how == "unknown" and finding.is_left(at)
    ]


def one(orphans: Sequence[Orphan], ident: str) -> Orphan:
    """The one of that id."""
    found = next((each for each in orphans if each.id == ident), None)
    if found is None:
        raise BadValue(f"prune lists no '{ident[:40]}'", hint="tmuxagents prune")
    return found


def prune(app: App, orphan: Orphan) -> None:
    """Delete for good what lies in the trash, and a branch whose commits are elsewhere; put a worktree there. An agent
    is `rm`'s to remove."""
    assert orphan.what != "agent", orphan.id
    with files.locked(app.state / removing.LOCK, within=60) as mine:
        if not mine:
            raise TimedOut("another worktree is being removed", hint="tmuxagents ls")
        if orphan.what == "trash":
            _delete(app, orphan)
            return
        for agent in agents.forgotten(app.db):
            if agent.worktree is None or not agent.id.startswith(orphan.id[:8]):
                continue
            if orphan.what == "branch":
                # As it was listed, or not at all.
                git_worktree.delete_branch(agent.worktree.repository, orphan.branch, orphan.path)
            else:
                _put_away(app, agent, agent.worktree)


def _put_away(app: App, agent: Agent, worktree: Worktree) -> None:
    at = finding.find(worktree, agent.id).registered
    if at is not None:
        keeping.put_away(app, agent, worktree, at)
    elif finding.is_left(worktree):
        common = worktree.repository
        what = "knows nothing of it" if os.path.isdir(common) else "is gone"
        raise NoWorktree(f"'{worktree.path}' stays: its repository '{common}' {what}", hint=f"ls -ld {word(common)}")


def _delete(app: App, orphan: Orphan) -> None:
    kept = next((each for each in trash.known(app) if each.id == orphan.id), None)
    if kept is None:
        return
    if not kept.done:
        raise Refused(f"'{orphan.id}' is not whole in the trash", hint=f"tmuxagents rm --trash {kept.agent}")
    trash.discard(app, kept)
