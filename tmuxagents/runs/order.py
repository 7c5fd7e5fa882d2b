"""The order of a manifest's tasks, and who waits for whom: found once for each manifest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import TaskRow
from tmuxagents.value import Value


class Order(Value):
    """`positions`: of each task in its manifest. `dependents`: the tasks that wait for that one, as a dependency or
    in a join. `joins`: the tasks that are one."""

    positions: Mapping[str, int]
    dependents: Mapping[str, Sequence[str]]
    joins: Sequence[str]

    def place(self, row: TaskRow) -> tuple[int, int]:
        """Where it stands: elements behind the task that is repeated, by their numbers."""
        unknown = len(self.positions)
        if row.of is None:
            return self.positions.get(row.key, unknown), 0
        return self.positions.get(row.of, unknown), int(row.key[len(row.of) + 1 :])


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
    )
