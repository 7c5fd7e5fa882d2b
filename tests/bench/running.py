"""Runs of many short tasks beside GNU parallel and `xargs -P`, which keep nothing of what they run."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Sequence

from tests.bench.rows import Goal, Row, fleet, row, script
from tests.support.fleet import Fleet

RUNS, MANY = 3, 1_000


def run() -> list[Row]:
    """Twenty tasks of three seconds, ten at once; a thousand that do nothing, twenty at once."""
    with fleet() as made:
        made.ok("controller", "start")
        start_up = min(_carried_out(made, 1, 1, "true") for _ in range(RUNS))
        twenty = [_carried_out(made, 20, 10, "sleep 3") - start_up for _ in range(RUNS)]
        rows = [row("run: 20 tasks of 3 s, 10 at once, less the start", twenty, unit="s", floor=6.0, goals=[_NEAR])]
        rows.append(row("run: the start of one task", [start_up], unit="s"))
    with fleet() as made:
        made.ok("controller", "start")
        many = [_carried_out(made, MANY, 20, "true") * 1000 / MANY]
    rows.append(row(f"run: each of {MANY:,} short tasks, 20 at once", many, unit="ms", goals=[Goal(250)]))
    for name, argv in _PEERS.items():
        if shutil.which(argv[0]) is None:
            continue
        seconds = [_peer(argv, 20, 10, "sleep 3")]
        rows.append(row(f"{name}: 20 tasks of 3 s, 10 at once", seconds, unit="s"))
        each = [_peer(argv, MANY, 20, "true") * 1000 / MANY]
        rows.append(row(f"{name}: each of {MANY:,} short tasks, 20 at once", each, unit="ms"))
    return rows


_NEAR = Goal(1.3, "ratio")


def _carried_out(made: Fleet, count: int, at_once: int, command: str) -> float:
    tasks = "".join(f"  - {{id: t{number}, command: '{command}'}}\n" for number in range(count))
    manifest = made.root / "run.yaml"
    manifest.write_text(f"max_parallel: {at_once}\ntasks:\n{tasks}")
    began = time.perf_counter()
    argv = [script(), "run", "--json", str(manifest)]
    subprocess.run(argv, env=made.env, cwd=made.work, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


_PEERS = {
    "GNU parallel": ("parallel", "-j", "{}"),
    "xargs -P": ("xargs", "-P", "{}", "-I", "LINE", "sh", "-c", "LINE"),
}
"""Each takes a line of a shell for each task; how many at once stands for `{}`."""


def _peer(argv: Sequence[str], count: int, at_once: int, command: str) -> float:
    lines = "".join(f"{command}\n" for _ in range(count))
    words = [str(at_once) if word == "{}" else word for word in argv]
    began = time.perf_counter()
    subprocess.run(words, input=lines, text=True, capture_output=True, check=True)
    return time.perf_counter() - began
