"""One figure beside its floor and its goal, and the table of them."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.conftest import claude_program
from tests.support import fleet as fleets
from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi

RUNS = 15


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked for of the median, the 99th percentile or the ratio to the floor."""

    limit: float
    of: Literal["median", "p99", "ratio"] = "median"
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of `runs` runs. `floor` is what it cannot beat on this machine, measured beside it."""

    what: str
    unit: str
    runs: int
    least: float
    median: float
    p99: float
    most: float
    floor: float | None
    goals: tuple[Goal, ...]

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return self.median / self.floor if self.floor else None

    def reached(self) -> bool | None:
        """Whether every goal is; None without one."""
        if not self.goals:
            return None
        return all(self._reaches(goal) for goal in self.goals)

    def _reaches(self, goal: Goal) -> bool:
        value = {"median": self.median, "p99": self.p99, "ratio": self.ratio}[goal.of]
        assert value is not None
        return value >= goal.limit if goal.at_least else value <= goal.limit


def row(
    what: str, values: Sequence[float], *, unit: str, floor: float | None = None, goals: Sequence[Goal] = ()
) -> Row:
    """The figure of these runs."""
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, math.ceil(len(ordered) * 0.99) - 1)]
    return Row(what, unit, len(ordered), ordered[0], statistics.median(ordered), p99, ordered[-1], floor, tuple(goals))


def table(rows: Sequence[Row]) -> str:
    """All of them, in Markdown."""
    lines = [
        "| what | n | min | median | p99 | max | floor | x floor | goal | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        floor = f"{one.floor:.3g}" if one.floor is not None else ""
        ratio = f"{one.ratio:.1f}" if one.ratio else ""
        figures = f"{one.least:.3g} | {one.median:.3g} {one.unit} | {one.p99:.3g} | {one.most:.3g}"
        mark = {True: "reached", False: "MISSED", None: ""}[one.reached()]
        goals = ", ".join(_goal(goal, one.unit) for goal in one.goals)
        lines.append(f"| {one.what} | {one.runs} | {figures} | {floor} | {ratio} | {goals} | {mark} |")
    return "\n".join(lines)


def _goal(goal: Goal, unit: str) -> str:
    sign = ">=" if goal.at_least else "<="
    if goal.of == "ratio":
        return f"{sign} {goal.limit:g} x floor"
    return f"{'p99 ' if goal.of == 'p99' else ''}{sign} {goal.limit:g} {unit}"


def timed(argv: Sequence[str], env: dict[str, str], runs: int = RUNS) -> list[float]:
    """Milliseconds of whole processes, one warm-up not counted."""
    found = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        found.append((time.perf_counter() - began) * 1000)
    return found[1:]


def beside(argv: Sequence[str], env: dict[str, str], runs: int = 2 * RUNS) -> tuple[list[float], float]:
    """Milliseconds of whole processes, and the median of the bare interpreter's runs between them: a
    machine that is slow for a second is slow for both."""
    found, floor = [], []
    for _ in range(runs):
        found += timed(argv, env, 1)
        floor += timed([sys.executable, "-c", "pass"], env, 1)
    return found, statistics.median(floor)


def script() -> str:
    """The installed program."""
    return str(Path(sys.executable).with_name("tmuxagents"))


@contextmanager
def fleet() -> Iterator[Fleet]:
    """A fleet without an account."""
    with tempfile.TemporaryDirectory(prefix="tb-", ignore_cleanup_errors=True) as folder:
        made = fleets.make(Path(folder))
        try:
            yield made
        finally:
            made.end()


@contextmanager
def claude() -> Iterator[tuple[Fleet, MessagesApi]]:
    """A fleet of the real `claude`, and the API that it talks to."""
    with tempfile.TemporaryDirectory(prefix="tb-", ignore_cleanup_errors=True) as folder, MessagesApi() as api:
        made = fleets.make_claude(Path(folder), program=claude_program("newest"), url=api.url)
        try:
            yield made, api
        finally:
            made.end()
