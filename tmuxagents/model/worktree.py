"""The git worktree that an agent was given."""

from __future__ import annotations

from tmuxagents.value import Value


class Landed(Value):
    """What was squashed: everything up to `tip` became `commit`, which is no descendant of it."""

    tip: str
    commit: str


class Worktree(Value):
    """A checkout of an agent's own.

    `repository` is git's common directory, which all worktrees of a repository share; `path` the uppermost folder of
    this one. `branch` is the branch that was checked out in it, and `base` the commit that its work is measured
    against: that on which the branch began, as far as is known; `into` the branch that it is to be merged into, None
    where nobody has said. `own` and `own_branch` say whether the worktree and the branch were made for the agent: what
    was there before is never removed. `landed` is what `merge --squash` made of its work last.
    """

    repository: str
    path: str
    branch: str
    base: str | None
    own: bool
    own_branch: bool
    into: str | None = None
    landed: Landed | None = None
