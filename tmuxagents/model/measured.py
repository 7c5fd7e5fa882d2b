"""What an agent's work in its worktree came to when it was looked at last, and with whose it conflicts."""

from __future__ import annotations

from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import Value


class Measured(Value):
    """`at_ns` is when the figures were taken, 0 where they never were. `into` is the branch that the work goes into;
    `ahead` counts the commits that are not in it, `behind` those that it has got since, None where there is none.
    `uncommitted` are files that are not committed as they are; `merges` says whether it goes into its branch by
    itself. `trouble` says why it could not be looked at since, so many times in a row as `failed` says."""

    at_ns: int = 0
    branch: str | None = None
    into: str | None = None
    ahead: int | None = None
    behind: int | None = None
    files: int | None = None
    insertions: int | None = None
    deletions: int | None = None
    uncommitted: int | None = None
    merges: bool | None = None
    changed_ns: int | None = None
    trouble: str | None = None
    failed: int = 0


class Conflict(Value):
    """With whom one conflicts: another agent, called `name` by now, or else the branch `into` which its work goes.
    `files` are those that a merge would stop at, or the word for why it would."""

    other: AgentId | None
    name: AgentName | None
    into: str | None
    files: tuple[str, ...]
    since_ns: int
