"""What is recorded of agents' work in their worktrees: the last figures, with whom it conflicts. Starts no git."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.measured import Conflict, Measured
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.value import Value


class Worked(Value):
    """`figures` is None where it was never looked at; `is_there` whether its worktree stands where it is recorded."""

    figures: Measured | None
    conflicts: Sequence[Conflict]
    is_there: bool


def of(app: App, known: Sequence[Agent]) -> dict[AgentId, Worked]:
    """Of each that has a worktree."""
    having = [agent for agent in known if agent.worktree is not None]
    if not having:
        return {}
    # Nothing of it is imported where no agent has a worktree.
    from tmuxagents.store import measured

    figures, conflicts = measured.figures(app.db), measured.conflicts(app.db)
    return {one.id: Worked(figures.get(one.id), conflicts.get(one.id, ()), _is_there(one)) for one in having}


def _is_there(agent: Agent) -> bool:
    if agent.phase in ("queued", "claimed"):
        # It is only just being made.
        return True
    return agent.worktree is not None and os.path.lexists(os.path.join(agent.worktree.path, ".git"))


def as_json(work: Worked | None) -> dict[str, Any]:
    """The keys that it adds to an agent's, all of them, whether it has a worktree or not."""
    found = work.figures if work is not None and work.figures is not None else Measured()
    return {
        "work": {
            "measured": clock.rfc3339(found.at_ns) if found.at_ns else None,
            "branch": found.branch,
            "into": found.into,
            "ahead": found.ahead,
            "behind": found.behind,
            "files": found.files,
            "insertions": found.insertions,
            "deletions": found.deletions,
            "uncommitted": found.uncommitted,
            "merges": found.merges,
            "changed": clock.rfc3339(found.changed_ns),
            "trouble": found.trouble,
            "there": work.is_there if work is not None else None,
        },
        "conflicts": [
            {
                "agent": each.name,
                "into": each.into,
                "files": list(each.files),
                "since": clock.rfc3339(each.since_ns),
            }
            for each in (work.conflicts if work is not None else ())
        ],
    }
