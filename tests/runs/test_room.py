"""Who begins, among those whose turn has come: no limit is passed, and nobody is starved.

Found in every small crowd: up to three that are ready, each alone or not and with each set of two locks, beside what
runs, what others hold, and the limit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tmuxagents.model.manifest import Task
from tmuxagents.model.run import TaskRow
from tmuxagents.runs.room import Room
from tmuxagents.value import Value

LOCKS: Sequence[tuple[str, ...]] = ((), ("x",), ("y",), ("x", "y"))


class Crowd(Value):
    """Rows that run, that are ready, the most at once, and the locks of others."""

    running: Sequence[TaskRow]
    ready: Sequence[TaskRow]
    most: int | None
    others: Sequence[str]

    def begun(self, ready: Sequence[TaskRow] | None = None) -> list[TaskRow]:
        """Those that begin."""
        among = self.ready if ready is None else ready
        keys = {action.key for action in Room(self.running, self.most, self.others).let_in(among)[0]}
        return [row for row in among if row.key in keys]


def _rows(prefix: str, wishes: Sequence[tuple[bool, Sequence[str]]]) -> list[TaskRow]:
    keys = [f"{prefix}{at}" for at in range(len(wishes))]
    tasks = (Task(key, parallel=parallel, locks=locks) for key, (parallel, locks) in zip(keys, wishes, strict=True))
    return [TaskRow(task.id, task) for task in tasks]


READY = [
    _rows("ready", wishes)
    for size in range(4)
    for wishes in itertools.product(itertools.product((True, False), LOCKS), repeat=size)
]
RUNNING = [[], *(_rows("runs", [(True, locks)]) for locks in LOCKS), _rows("runs", [(False, ())])]


def crowds(*, limits: Sequence[int | None] = (None, 1, 2)) -> Iterator[Crowd]:
    """Each of them."""
    return itertools.starmap(Crowd, itertools.product(RUNNING, READY, limits, LOCKS))


def test_no_limit_is_passed_no_lock_is_held_twice_and_who_runs_alone_does() -> None:
    for crowd in crowds():
        begun = crowd.begun()
        together = [*crowd.running, *begun]
        held = [*crowd.others, *(lock for row in together for lock in row.task.locks)]
        assert not begun or crowd.most is None or len(together) <= crowd.most
        assert all(held.count(lock) == 1 for row in begun for lock in row.task.locks)
        assert not begun or len(together) == 1 or all(row.task.parallel for row in together)


def test_nobody_takes_what_one_before_it_waits_for() -> None:
    for crowd in crowds(limits=[None]):
        begun = crowd.begun()
        for late, first in itertools.product(begun, crowd.ready):
            if first.key < late.key and first not in begun and set(crowd.others).isdisjoint(first.task.locks):
                assert first.task.parallel
                assert set(first.task.locks).isdisjoint(late.task.locks)


def test_one_that_waits_for_a_lock_of_somebody_elses_holds_back_nobody() -> None:
    for crowd in crowds(limits=[None]):
        free = [row for row in crowd.ready if set(crowd.others).isdisjoint(row.task.locks)]
        assert crowd.begun() == crowd.begun(free)


def test_where_nothing_runs_and_nobody_else_holds_a_lock_the_first_begins() -> None:
    for ready, most in itertools.product(READY, (None, 1, 2)):
        assert Crowd([], ready, most, ()).begun()[:1] == ready[:1]


def test_each_that_does_not_begin_is_told_why() -> None:
    for crowd in crowds(limits=[2]):
        begun, held = Room(crowd.running, crowd.most, crowd.others).let_in(crowd.ready)
        assert sorted([*held, *(action.key for action in begun)]) == [row.key for row in crowd.ready]
