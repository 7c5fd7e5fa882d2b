"""Which joins of a run have enough, and whom they leave behind, counted as tasks come to their ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from tmuxagents.model.manifest import Join, Manifest
from tmuxagents.runs.order import Order


class Quorums:
    """The joins of that manifest, none of which is ever late."""

    def __init__(self, manifest: Manifest, known: Order) -> None:
        self._order = known
        self._tasks = {task.id: task for task in manifest.tasks}
        self._joins: dict[str, Join] = {task.id: task.join for task in manifest.tasks if task.join}
        self._done = {key: sum(name not in self._tasks for name in join.of) for key, join in self._joins.items()}
        self._left = {key: dict.fromkeys(n for n in join.of if n in self._tasks) for key, join in self._joins.items()}
        self._of: dict[str, list[str]] = defaultdict(list)
        for key, join in self._joins.items():
            for name in join.of:
                self._of[name].append(key)
        self._stopping = [key for key, join in self._joins.items() if join.late == "stop"]

    def settle(self, key: str, *, is_done: bool) -> None:
        """Count it."""
        for join in self._of.get(key, ()):
            self._done[join] += is_done
            self._left[join].pop(key, None)

    def is_met(self, key: str) -> bool:
        """Whether it waits for no other that it joins; what joins nothing never does."""
        join = self._joins.get(key)
        return join is None or (self._done[key] >= join.need and not (join.whole and self._left[key]))

    def unwanted(self, over: Collection[str]) -> list[str]:
        """The tasks that the next of them does not wait for, and nobody else who is not `over` waits for either."""
        self._stopping = [key for key in self._stopping if self._left[key]]
        for key in self._stopping:
            if self.is_met(key) and (found := [each for each in self._left[key] if not self._is_awaited(each, over)]):
                return found
        return []

    def _is_awaited(self, key: str, over: Collection[str]) -> bool:
        waits = (name for name in self._order.dependents[key] if name not in over)
        return any(key in self._tasks[name].depends_on or not self.is_met(name) for name in waits)
