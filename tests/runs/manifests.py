"""Any manifest: small, and with everything that holds tasks back at once.

Drawn from a seed: hypothesis takes longer to draw a task by its fields than a run takes to be carried out. The number
of tasks is drawn by it, so that what fails gets small."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import strategies as st

from tmuxagents.model.manifest import ForEach, Join, Late, Manifest, Task

seeds = st.integers(0, 2**32)


def manifests(*, hurried: bool = True) -> st.SearchStrategy[Manifest]:
    """`hurried`: with quorum, time limits and budgets, after which what comes of it depends on who was quick."""
    return st.builds(_manifest, st.integers(1, 7), seeds, st.just(hurried))


def _manifest(size: int, seed: int, hurried: bool) -> Manifest:
    chance = random.Random(seed)
    # Some manifests are chains, some are crowds that want the same: each holds back in another way.
    waiting, wanting, alone = chance.choice([0, 1, 3]), chance.choice([0, 1, 2]), chance.choice([0, 0.2, 0.5])
    tasks = [_task(chance, at, waiting, wanting, alone, hurried) for at in range(size)]
    # Not in the order of their dependencies: a later task may be written first.
    chance.shuffle(tasks)
    limit = chance.choice([None, None, None, 40]) if hurried else None
    budget = chance.choice([None, None, 12]) if hurried else None
    most = chance.choice([None, 1, 2, 3])
    return Manifest("any", tasks, max_parallel=most, timeout_s=limit, budget_tokens=budget)


def _task(chance: random.Random, at: int, waiting: int, wanting: int, alone: float, hurried: bool) -> Task:
    before = [f"t{each}" for each in range(at)]
    depends_on = _some(chance, before, waiting)
    joined = [each for each in _some(chance, before, 3) if each not in depends_on] if hurried and waiting else []
    return Task(
        f"t{at}",
        depends_on=depends_on,
        join=_join(chance, joined) if joined else None,
        for_each=_repeated(chance, depends_on) if chance.random() < 0.3 else None,
        parallel=chance.random() >= alone,
        locks=_some(chance, "xyz", wanting),
        retries=chance.randrange(3),
        check=chance.choice([None, "true"]),
        kind=chance.choice([None, "command"]),
        timeout_s=chance.choice([None, 3]) if hurried else None,
        budget_tokens=chance.choice([None, None, 10]) if hurried else None,
        keep=chance.random() < 0.5,
    )


def _some(chance: random.Random, of: Sequence[str], most: int) -> list[str]:
    return chance.sample(of, chance.randint(0, min(most, len(of))))


def _join(chance: random.Random, of: Sequence[str]) -> Join:
    late: Late = chance.choice(["stop", "keep"])
    whole = chance.random() < 0.3
    return Join(of, chance.randint(1, len(of)), chance.choice([None, 5.0]), late, whole)


def _repeated(chance: random.Random, depends_on: Sequence[str]) -> ForEach:
    if depends_on and chance.random() < 0.5:
        return ForEach(lines_of=depends_on[0])
    return ForEach(tuple("pqr"[: chance.randrange(4)]), chunk=chance.choice([1, 2]))
