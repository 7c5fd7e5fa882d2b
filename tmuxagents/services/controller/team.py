"""What the controller remembers between two wake-ups; nothing of it is needed after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tmuxagents.drivers.pulse import Turns
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.drivers.wake import Wake
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Beside


@dataclass(slots=True)
class Rest:
    """When something that failed is tried again: later each time, until it has gone well once."""

    until: float = 0.0
    pause: float = 0.0

    def lengthen(self, now: float, *, first: float, longest: float) -> None:
        """It has failed again."""
        self.pause = min(longest, 2 * self.pause or first)
        self.until = now + self.pause


@dataclass(slots=True)
class Stuck:
    """A held message that cannot be delivered: since when, and whether that was told."""

    message: int
    since: float
    told: bool = False


@dataclass(slots=True)
class Watched:
    """One agent: what is watched for it, when its screen changed and was looked at, what is to be read.

    `terminal` says that the screen itself is what it says.
    """

    agent: Agent
    paths: set[Path] = field(default_factory=set)
    changed_at: float | None = None
    looked_at: float = 0.0
    dirty: bool = True
    terminal: bool = False
    shown: str = ""
    ends_at: float | None = None
    out_of_time: bool = False
    read: Rest = field(default_factory=Rest)
    delivery: Rest = field(default_factory=Rest)
    capture: Rest = field(default_factory=Rest)
    stuck: Stuck | None = None


@dataclass(slots=True)
class Team:
    """All of them, the panes as last seen, what is done beside the loop, and by when it turns."""

    app: App
    wake: Wake
    panes: Snapshot
    watched: dict[AgentId, Watched] = field(default_factory=dict)
    owners: dict[Path, AgentId] = field(default_factory=dict)
    checked_at: float = 0.0
    was_full: bool = False
    index_at: float | None = None
    recover_at: float | None = 0.0
    began: bool = False
    turns: Turns = field(default_factory=Turns)
    beside: Beside = field(init=False)

    def __post_init__(self) -> None:
        self.beside = Beside(self.app, self.wake)
