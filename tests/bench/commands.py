"""Whole commands: what a person, a status bar or a script waits for."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Sequence
from functools import partial

from tests.bench.rows import Goal, Row, beside, fleet, row, script, timed
from tests.support.fleet import Fleet, eventually
from tests.support.repository import repository, run_git

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


def worktree() -> list[Row]:
    """`spawn -w` beside `git worktree add`, in a repository of 10,000 files; both check them out."""
    found, bare = [], []
    with fleet() as made:
        repository(made.work)
        for number in range(10_000):
            file = made.work / f"d{number % 100}" / f"f{number}"
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{number}\n" * 20)
        run_git(made.work, "add", ".")
        run_git(made.work, "commit", "-q", "-m", "files")
        made.ok("spawn", "--kind", "command", *SLEEP)
        where = ["-C", str(made.work)]
        for number in range(8):
            # In turn, the first not counted: a machine that is slow for a second is slow for both.
            add = ["git", *where, "worktree", "add", "-q", "-b", f"b{number}", f"../b{number}"]
            bare.append(_once(add, made.env))
            found.append(_once([script(), "spawn", "-w", *where, "--kind", "command", "--", "true"], made.env))
    floor = statistics.median(bare[1:])
    return [row("spawn -w, 10,000 files", found[1:], unit="ms", floor=floor, goals=[Goal(2, "ratio")])]


def _once(argv: Sequence[str], env: dict[str, str]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000


def hook() -> list[Row]:
    """One hook, as the agent pays for it."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", *SLEEP)
        spool = made.root / "spool"
        spool.mkdir()
        times = timed([str(made.state / "bin/hook.sh"), str(spool), "1", "Stop"], made.env, 50)
        bare = statistics.median(timed(["/bin/sh", "-c", ":"], made.env))
    return [row("a hook", times, unit="ms", floor=bare, goals=[Goal(10)])]
