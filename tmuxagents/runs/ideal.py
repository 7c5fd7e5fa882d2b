"""A run in a world in which every task takes its time and succeeds: what begins together, and when all is over.

What the planner would decide there, step for step, without asking it again about everything after each task: what is
touched by an end is what waits for it. A test compares both on any manifest.
"""

from __future__ import annotations

import bisect
import heapq
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import TaskRow
from tmuxagents.runs import groups, order
from tmuxagents.runs.gates import NS
from tmuxagents.runs.quorum import Quorums
from tmuxagents.runs.room import Room

Begun = tuple[float | None, tuple[str, ...]]
"""Those that begin together, and when; None where that is unknown."""

Place = tuple[int, int, TaskRow]
"""One whose turn has come, behind its task's place in the manifest and its own among its elements."""


class Ideal:
    """One run of that manifest. A task of unknown time takes what others do. Names that are not in it are of tasks
    that have succeeded before."""

    def __init__(self, manifest: Manifest, durations: Mapping[str, float]) -> None:
        self.manifest, self.known = manifest, durations
        self.usual = statistics.median(durations.values()) if durations else 60.0
        self.tasks: dict[str, Task] = {task.id: task for task in manifest.tasks}
        self.order = order.of(manifest)
        self.quorums = Quorums(manifest, self.order)
        self.counts: Counter[str] = Counter(task.id for task in manifest.tasks if task.for_each is None)
        self.waves: list[Begun] = []
        self.most = 0
        self.now = 0
        self._missing = {task.id: sum(name in self.tasks for name in task.depends_on) for task in manifest.tasks}
        self._repeats: dict[str, list[str]] = defaultdict(list)
        self._elements: dict[str, list[TaskRow]] = {}
        self._left: dict[str, int] = {}
        self._open: set[str] = set()
        self._over: set[str] = set()
        self._ready: list[Place] = []
        self._runs: dict[str, TaskRow] = {}
        self._checked: set[str] = set()
        self._ends: list[tuple[int, int, str]] = []
        self._due_groups: list[str] = []
        self._hollow: list[str] = []
        self._sure_until: int | None = None

    def carried_out(self) -> float:
        """When it is over, in seconds."""
        self._set_out()
        while len(self._over) < len(self.tasks):
            if not self._step():
                self.now = self._ends[0][0]
        return self.now / NS

    def _set_out(self) -> None:
        for task in self.manifest.tasks:
            source = task.for_each.lines_of if task.for_each else None
            if source in self.tasks:
                self._repeats[source].append(task.id)
            elif task.for_each and task.for_each.glob is None:
                self._due_groups.append(task.id)
            self._look(task.id)

    def _step(self) -> bool:
        """What the planner does in one step; whether that is anything."""
        ended = self._ended()
        checks = [key for key in ended if self._runs[key].task.check and key not in self._checked]
        for key in ended:
            if key not in checks:
                self._succeeded(key)
        hollow, self._hollow = self._hollow, []
        for key in hollow:
            self._settle(key)
        self._leave_behind()
        for key in checks:
            if key in self._runs:
                self._checked.add(key)
                self._ends_at(self.now, key)
        # Its elements come before what is behind it: they begin in the next step.
        return bool(self._expand() or self._begin() or ended or hollow)

    def _ended(self) -> list[str]:
        found = []
        while self._ends and self._ends[0][0] <= self.now:
            key = heapq.heappop(self._ends)[2]
            if key in self._runs:
                found.append(key)
        return found

    def _succeeded(self, key: str) -> None:
        row = self._runs.pop(key)
        if row.of is None:
            self._settle(key)
            return
        self._left[row.of] -= 1
        if not self._left[row.of]:
            self._settle(row.of)

    def _settle(self, key: str, *, is_done: bool = True) -> None:
        if key in self._over:
            return
        self._over.add(key)
        self.quorums.settle(key, is_done=is_done)
        if is_done:
            self._due_groups += self._repeats[key]
        for name in self.order.dependents.get(key, ()):
            self._missing[name] -= self.tasks[name].depends_on.count(key) if is_done else 0
            self._look(name)

    def _look(self, key: str) -> None:
        """Whether its turn has come now."""
        if key in self._open or self._missing[key] or not self.quorums.is_met(key):
            return
        self._open.add(key)
        each = self.tasks[key].for_each
        if each is None:
            self._line_up([TaskRow(key, self.tasks[key])])
        elif key in self._elements:
            self._line_up(self._elements[key])
        elif each.glob is not None:
            self._due_groups.append(key)

    def _line_up(self, rows: Sequence[TaskRow]) -> None:
        for at, row in enumerate(rows):
            bisect.insort(self._ready, (self.order.positions[row.of or row.key], at, row), key=lambda one: one[:2])

    def _leave_behind(self) -> None:
        while found := self.quorums.unwanted(self._over):
            for key in found:
                for each in (key, *(row.key for row in self._elements.get(key, ()))):
                    self._runs.pop(each, None)
                self._settle(key, is_done=False)

    def _expand(self) -> bool:
        due, self._due_groups = [key for key in self._due_groups if key not in self._over], []
        for key in due:
            task = self.tasks[key]
            assert task.for_each is not None, "only a repeated task is due"
            source = task.for_each.lines_of
            # One line for each answer.
            lines = task.for_each.items if source is None else ["…"] * len(self._elements.get(source, [""]))
            elements = groups.elements(task.for_each, lines)
            rows = [TaskRow(f"{key}-{at}", task, of=key) for at in range(1, len(elements) + 1)]
            self._elements[key], self._left[key], self.counts[key] = rows, len(rows), len(rows)
            if not rows:
                self._hollow.append(key)
            elif key in self._open:
                self._line_up(rows)
        return bool(due)

    def _begin(self) -> bool:
        if not self._ready:
            return False
        room = Room(self._runs.values(), self.manifest.max_parallel, ())
        begun: list[Place] = []
        held: list[Place] = []
        for at, one in enumerate(self._ready):
            if room.is_full():
                held += self._ready[at:]
                break
            row = one[2]
            if (row.of or row.key) not in self._over:
                (begun if room.let_in([row])[0] else held).append(one)
        self._ready = held
        rows = [row for _, _, row in begun]
        if rows:
            is_sure = self._sure_until is None or self.now <= self._sure_until
            self.waves.append((self.now / NS if is_sure else None, tuple(row.key for row in rows)))
        for row in rows:
            self._start(row)
        self.most = max(self.most, len(self._runs))
        return bool(rows)

    def _start(self, row: TaskRow) -> None:
        seconds = self.known.get(row.task.id)
        if seconds is None and self._sure_until is None:
            self._sure_until = self.now
        self._runs[row.key] = row
        self._ends_at(self.now + round((self.usual if seconds is None else seconds) * NS), row.key)

    def _ends_at(self, moment: int, key: str) -> None:
        heapq.heappush(self._ends, (moment, self.order.positions[self._runs[key].of or key], key))
