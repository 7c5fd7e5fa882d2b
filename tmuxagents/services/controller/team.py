"""What the controller remembers between two wake-ups; nothing of it is needed after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tmuxagents.config import Config
from tmuxagents.drivers.pulse import Turns
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.drivers.wake import Wake
from tmuxagents.model.agent import Agent
from tmuxagents.model.room import Bounds
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.controller.background import Beside
from tmuxagents.value import Value, fresh

if TYPE_CHECKING:
    from tmuxagents.services.runs.known_run import Known


class Rest(Value, frozen=False):
    """When something that failed is tried again: later each time, until it has gone well once."""

    until: float = 0.0
    pause: float = 0.0

    def lengthen(self, now: float, *, first: float, longest: float) -> None:
        """It has failed again."""
        self.pause = min(longest, 2 * self.pause or first)
        self.until = now + self.pause


class Stuck(Value, frozen=False):
    """A held message that cannot be delivered: since when, and whether that was told."""

    message: int
    since: float
    told: bool = False


class Project(Value, frozen=False):
    """A repository of which agents have worktrees: when something has begun to change there that was not looked at
    yet, when it changed last, since when it is looked at, and by what a change shows."""

    changed_at: float | None = None
    last_at: float = 0.0
    began_at: float | None = None
    told: bool = False
    rest: Rest = fresh(default_factory=Rest)
    paths: set[Path] = fresh(default_factory=set)


class Line(Value, frozen=False):
    """The queue: when it is looked at where nothing happens, before when nobody begins, what was seen at the last
    look, of whom a copy is kept, how often each start has failed of what is not its own, and the last
    bounds that could be read, None before any could."""

    look_at: float | None = None
    until: float = 0.0
    seen: tuple[object, ...] = ()
    kept: frozenset[AgentId] = frozenset()
    rest: Rest = fresh(default_factory=Rest)
    tries: dict[AgentId, int] = fresh(default_factory=dict)
    bounds: Bounds | None = None


class Pace(Value, frozen=False):
    """A run that is not over: when it was stepped last and is to be next, and what was known of it then."""

    due_at: float | None = None
    wake_at: float | None = None
    stepped_at: float = -1e9
    known: Known | None = None
    rest: Rest = fresh(default_factory=Rest)


class Watched(Value, frozen=False):
    """One agent: what is watched for it, when its screen changed and was looked at, what is to be read.

    `terminal` says that the screen itself is what it says. `seen` is what it had done when what it changes outside
    its scope was looked for, at `scope_at`.
    """

    agent: Agent
    paths: set[Path] = fresh(default_factory=set)
    changed_at: float | None = None
    looked_at: float = 0.0
    dirty: bool = True
    terminal: bool = False
    shown: str = ""
    ends_at: float | None = None
    out_of_time: bool = False
    read: Rest = fresh(default_factory=Rest)
    delivery: Rest = fresh(default_factory=Rest)
    capture: Rest = fresh(default_factory=Rest)
    scope: Rest = fresh(default_factory=Rest)
    scope_at: float = 0.0
    over_turn: int = -1
    seen: str = ""
    stuck: Stuck | None = None


class Team(Value, frozen=False):
    """All of them, the panes as last seen, what is done beside the loop, and by when it turns."""

    app: App
    wake: Wake
    panes: Snapshot
    beside: Beside
    watched: dict[AgentId, Watched] = fresh(default_factory=dict)
    owners: dict[Path, AgentId] = fresh(default_factory=dict)
    checked_at: float = 0.0
    was_full: bool = False
    index_at: float | None = None
    recover_at: float | None = 0.0
    call_at: float | None = None
    calls: Rest = fresh(default_factory=Rest)
    projects: dict[str, Project] = fresh(default_factory=dict)
    look_at: float | None = None
    pull_at: float | None = None
    continue_at: float | None = None
    continues: bool = True
    settings: Config = fresh(default_factory=Config)
    settings_until: float = 0.0
    pulling: Rest = fresh(default_factory=Rest)
    line: Line = fresh(default_factory=Line)
    paces: dict[str, Pace] = fresh(default_factory=dict)
    leave_at: float | None = None
    began: bool = False
    needy: str = ""
    turns: Turns = fresh(default_factory=Turns)
