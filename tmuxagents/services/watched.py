"""What the controller remembers between two wake-ups; nothing of it is needed after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.drivers.wake import Wake
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App


@dataclass(slots=True)
class Watched:
    """One agent: what is watched for it, when its screen changed and was looked at, what is to be read."""

    agent: Agent
    paths: set[Path] = field(default_factory=set)
    changed_at: float | None = None
    looked_at: float = 0.0
    dirty: bool = True
    shown: str = ""
    deliver_after: float = 0.0
    ends_at: float | None = None


@dataclass(slots=True)
class Team:
    """All of them, and the panes as last seen."""

    app: App
    wake: Wake
    panes: Snapshot
    watched: dict[AgentId, Watched] = field(default_factory=dict)
    owners: dict[Path, AgentId] = field(default_factory=dict)
    checked_at: float = 0.0
    was_full: bool = False
    index_at: float | None = None
