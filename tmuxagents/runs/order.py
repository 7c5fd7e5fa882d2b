"""The order of a manifest's tasks, and who waits for whom: found once for each manifest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import TaskRow
from tmuxagents.value import Value


class Order(Value):
    """`positions`: of each task in its manifest. `dependents`: the tasks that wait for that one, as a dependency or
    in a join. `joins`: the tasks that are one. `has_budgets`: a task has one of its own."""

    positions: Mapping[str, int]
    dependents: Mapping[str, Sequence[str]]
    joins: Sequence[str]
    has_budgets: bool

    def arranged(self, rows: Sequence[TaskRow]) -> list[TaskRow]:
        """The rows in that order: elements behind the task that is repeated, by their numbers."""
        places, last = self.positions, len(self.positions)
        return sorted(rows, key=lambda row: (places.get(row.of or row.key, last), _number(row) if row.of else 0))


def of(manifest: Manifest) -> Order:
    """The order of that manifest."""
    dependents: dict[str, list[str]] = defaultdict(list)
    for task in manifest.tasks:
        for name in {**dict.fromkeys(task.depends_on), **dict.fromkeys(task.join.of if task.join else ())}:
            dependents[name].append(task.id)
    return Order(
        positions={task.id: at for at, task in enumerate(manifest.tasks)},
        dependents=dict(dependents),
        joins=tuple(task.id for task in manifest.tasks if task.join),
        has_budgets=any(task.budget_usd is not None or task.budget_tokens is not None for task in manifest.tasks),
    )


def _number(row: TaskRow) -> int:
    return int(row.key.rpartition("-")[2])
