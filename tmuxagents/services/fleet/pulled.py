"""The pull request of each agent as it is recorded: nobody asks GitHub for a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App

if TYPE_CHECKING:
    from tmuxagents.model.pull import Pull


def of(app: App, known: Sequence[Agent]) -> dict[AgentId, Pull]:
    """Of each that has one."""
    if not any(agent.worktree is not None for agent in known):
        return {}
    # Nothing of it is imported where no agent has a worktree.
    from tmuxagents.store import pulls

    return pulls.known(app.db)


def summary(pull: Pull | None) -> str:
    """How it is, in a few words; empty where there is none."""
    if pull is None:
        return ""
    from tmuxagents.output import pull_words

    return pull_words.summary(pull)


def as_json(pull: Pull | None) -> dict[str, object] | None:
    """The same as data."""
    if pull is None:
        return None
    from tmuxagents.output import pull_words

    return pull_words.as_json(pull)
