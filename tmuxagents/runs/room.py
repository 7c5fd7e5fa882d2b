"""Which of the tasks whose turn has come begin now: the limit, the locks, and those that run alone.

They are asked in the order of the manifest, and one that must wait is not starved by those behind it:

- one that runs alone lets nobody behind it begin, until nothing runs and it has begun;
- one that waits for a lock of this run is promised all its locks: nobody behind it takes any of them. It holds none
  while it waits, so that no two can wait for each other;
- one that waits for a lock that somebody else holds (a person, another run) holds back nobody: that may last.

Where nothing runs and nobody else holds a lock, the first of them always begins: nothing stands still.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from tmuxagents.model.run import Begin, Held, TaskRow


class Room:
    """What is taken up: by what runs, and by what was let in here."""

    def __init__(self, running: Iterable[TaskRow], most: int | None, others: Collection[str]) -> None:
        self._most, self._others = most, others
        self._count, self._alone = 0, False
        self._locks: set[str] = set()
        for row in running:
            self._take(row)

    def let_in(self, ready: Sequence[TaskRow]) -> tuple[list[Begin], dict[str, Held]]:
        """Those that begin, and why each of the others does not. `ready` are in order."""
        begun: list[Begin] = []
        held: dict[str, Held] = {}
        for row in ready:
            why = self._held(row)
            if why is None:
                self._take(row)
                begun.append(Begin(row.key, row.attempt + 1, None))
            else:
                held[row.key] = why
                self._promise(row, why)
        return begun, held

    def is_full(self) -> bool:
        """Whether nobody else begins, whatever they ask for."""
        return self._most is not None and self._count >= self._most

    def _held(self, row: TaskRow) -> Held | None:
        if self.is_full():
            return "limit"
        if self._alone:
            return "alone"
        if row.task.locks and not (self._locks.isdisjoint(row.task.locks) and self._is_free_elsewhere(row)):
            return "locks"
        return "alone" if not row.task.parallel and self._count else None

    def _is_free_elsewhere(self, row: TaskRow) -> bool:
        return not any(name in self._others for name in row.task.locks)

    def _promise(self, row: TaskRow, why: Held) -> None:
        if self._is_free_elsewhere(row):
            self._locks.update(row.task.locks)
            self._alone = self._alone or not row.task.parallel

    def _take(self, row: TaskRow) -> None:
        self._count += 1
        self._locks.update(row.task.locks)
        self._alone = self._alone or not row.task.parallel
