"""Manifests and facts as a test writes them: what it does not name is as usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import Action, Begin, Facts, Finish, Run, RunState, Seen, Settle, TaskRow
from tmuxagents.runs import apply, planner

S = 1_000_000_000
"""A second."""


class Written:
    """A run whose tasks a test moves along by hand."""

    def __init__(self, *tasks: Task, state: RunState = "running", **limits: Any) -> None:
        self.manifest = Manifest("run", tasks, **limits)
        self.state: RunState = state
        self.rows = apply.first(self.manifest)
        self.seen: dict[str, Seen] = {}
        self.locks: frozenset[str] = frozenset()
        self.now = 0
        self.retried_ns: int | None = None

    def facts(self) -> Facts:
        run = Run("id", "run-1", self.manifest, self.state, 0, retried_ns=self.retried_ns)
        return Facts(run, self.rows, self.seen, self.now, self.locks)

    def next(self) -> Sequence[Action]:
        """What is to be done now."""
        return planner.step(self.facts()).actions

    def go(self) -> Sequence[Action]:
        """Do it, all of it."""
        actions = self.next()
        self.rows = apply.after(self.rows, [(action, f"agent of {action}") for action in actions], self.now)
        return actions

    def run(self) -> Sequence[Action]:
        """Do it until nothing more is to be done, and say all that was."""
        done: list[Action] = []
        while actions := self.go():
            done += actions
            for action in actions:
                if isinstance(action, Settle):
                    self.seen.pop(action.key, None)
            if isinstance(actions[-1], Finish):
                break
        return done

    def see(self, **seen: Seen) -> Written:
        """Keys are written with `_` for `-`."""
        self.seen |= {key.replace("_", "-"): each for key, each in seen.items()}
        return self

    def row(self, key: str) -> TaskRow:
        return next(row for row in self.rows if row.key == key)

    def states(self) -> Mapping[str, str]:
        return {row.key: row.state for row in self.rows}


def begun(actions: Sequence[Action]) -> list[str]:
    """The keys of those that begin."""
    return [action.key for action in actions if isinstance(action, Begin)]


def answered(answer: str = "fine", **more: Any) -> Seen:
    return Seen("answered", answer, **more)


def failed(error: str = "broke", **more: Any) -> Seen:
    return Seen("failed", error=error, **more)


def runs(since: int = 0, **more: Any) -> Seen:
    return Seen("runs", started_ns=since, **more)
