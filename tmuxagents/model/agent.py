"""One program in one window, with a name and a permanent id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tmuxagents.model import dismissal
from tmuxagents.model.condition import Condition
from tmuxagents.model.dismissal import Dismissal
from tmuxagents.model.worktree import Worktree
from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import Value, fresh

Phase = Literal["queued", "claimed", "running", "stopping", "stopped"]
"""What we want of an agent: `queued` before its turn has come, `claimed` before its window exists,
`stopping` while it is ended on request, `stopped` when that is done. What it really is says its condition."""


class PaneAddress(Value):
    """Where an agent's program runs: good only together with the server's pid and start time.

    tmux starts counting panes at %0 in every new server, so an id alone would name a
    stranger after a restart.
    """

    server: str
    window: str
    pane: str
    pid: int


class Claimer(Value):
    """The process that is starting an agent: its pid, and the kernel's own mark of its start and boot."""

    pid: int
    mark: str


class Agent(Value):
    """An agent as the database keeps it.

    `started_ns` is when the present generation was started. `options` is what the user asked for at spawn (model,
    permission_mode, args, timeout_s, trust, labels, scope, worktree, branch_off, role, instructions, allowed_tools,
    max_turns, mode, json_schema), the names of the variables that it was given and the port that it was given,
    without the environment, whose values are never in the database. `claimer` is known while `claimed`: None then
    means that an older version claimed it. `worktree` is the one that it was given, None where it works in a folder as
    it is. `pinned` keeps it first among its equals; `dismissal` is how it was when a person dismissed it last.
    """

    id: AgentId
    name: AgentName
    kind: str
    dir: str
    task: str | None
    color: int
    created_ns: int
    started_ns: int
    generation: int
    phase: Phase
    place: PaneAddress | None
    condition: Condition
    options: Mapping[str, Any] = fresh(default_factory=dict)
    claimer: Claimer | None = None
    worktree: Worktree | None = None
    pinned: bool = False
    dismissal: Dismissal | None = None

    @property
    def is_dismissed(self) -> bool:
        """Whether it was dismissed, and nothing has come of it since."""
        return dismissal.holds(self.dismissal, self.generation, self.condition)

    @property
    def labels(self) -> frozenset[str]:
        """The words that it was given to be found by."""
        return frozenset(map(str, self.options.get("labels", ())))

    @property
    def role(self) -> str | None:
        """The role that it was given by name, where it was."""
        role = self.options.get("role")
        return str(role) if role else None

    @property
    def run(self) -> str | None:
        """The name of the run that it works for; None for one that a check of it is."""
        mark = self.options.get("run")
        return str(mark.get("name")) if mark and not mark.get("check") else None

    @property
    def is_headless(self) -> bool:
        """Whether its program runs without a terminal, ends with its answer, and takes nothing meanwhile."""
        return self.options.get("mode") == "print"

    @property
    def scope(self) -> tuple[str, ...]:
        """The globs of what it may change (see `model.scope`); empty where that is everything."""
        return tuple(map(str, self.options.get("scope", ())))

    @property
    def purpose(self) -> str:
        """What it was started for: its task, else its arguments; empty without either."""
        return self.task or " ".join(map(str, self.options.get("args", ())))
