"""Whole commands: what a person, a status bar or a script waits for."""

from __future__ import annotations

import statistics
import time
from functools import partial

from tests.bench.rows import Goal, Row, beside, fleet, row, script, timed
from tests.support.fleet import Fleet, eventually

SLEEP = ("--", "sleep", "100000")


def version() -> list[Row]:
    """The shortest command."""
    times, floor = beside([script(), "--version"], {"PATH": "/usr/bin:/bin"})
    return [row("tmuxagents --version", times, unit="ms", floor=floor, goals=[Goal(3, "ratio")])]


def ls() -> list[Row]:
    """`ls` by the number of agents, and what one more agent costs."""
    rows, had, medians = [], 0, {}
    with fleet() as made:
        for count in (1, 50, 200, 350, 500):
            more = str(count - had)
            made.ok("spawn", "--kind", "command", "--count", more, "-q", *SLEEP, within=300)
            had = count
            eventually(partial(all_work, made, count), 120)
            goals = [Goal(5, "ratio")] if count == 50 else []
            times, floor = beside([script(), "ls"], made.env)
            one = row(f"ls with {count} agents", times, unit="ms", floor=floor, goals=goals)
            medians[count] = one.median
            rows.append(one)
    growth = (medians[500] - medians[1]) / 499
    return [*rows, row("ls, each agent more", [growth], unit="ms", goals=[Goal(0.2)])]


def all_work(made: Fleet, count: int) -> bool:
    """Whether so many run and the controller has nothing more to tell of them."""
    return [agent["state"] for agent in made.agents()].count("working") == count


def spawn() -> list[Row]:
    """`spawn` of one beside tmux's bare `new-window`, and of a hundred in one command."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", *SLEEP)
        one = timed([script(), "spawn", "--kind", "command", *SLEEP], made.env)
        bare = timed(["tmux", "-N", "-S", made.socket(), "new-window", "-d", "sleep", "100000"], made.env)
        tasks = made.root / "tasks"
        tasks.write_text("".join(f"{100_000 + number}\n" for number in range(100)))
        hundreds = []
        for _ in range(3):
            began = time.perf_counter()
            made.ok("spawn", "--kind", "command", "--each", str(tasks), "-q", "--", "sleep", within=300)
            hundreds.append(time.perf_counter() - began)
    return [
        row("spawn of one agent", one, unit="ms", floor=statistics.median(bare), goals=[Goal(250)]),
        row("spawn --each of a hundred", hundreds, unit="s", goals=[Goal(5)]),
    ]


def hook() -> list[Row]:
    """One hook, as the agent pays for it."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", *SLEEP)
        spool = made.root / "spool"
        spool.mkdir()
        times = timed([str(made.state / "bin/hook.sh"), str(spool), "1", "Stop"], made.env, 50)
        bare = statistics.median(timed(["/bin/sh", "-c", ":"], made.env))
    return [row("a hook", times, unit="ms", floor=bare, goals=[Goal(10)])]
