"""Measure and print one table: medians of several runs with their spread, beside the floor.

    make bench            all of it
    make bench ARGS=ls    the rows whose name begins so

Writes the same as JSON to `bench.json`. Absolute times are this machine's; the ratios carry over.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil

from tests.conftest import claude_program
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

RUNS = 15


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `goal` is what the design asks for; `floor` what it cannot beat on this machine."""

    what: str
    unit: str
    runs: int
    least: float
    median: float
    most: float
    floor: float | None
    goal: str


def main(wanted: str) -> None:
    """Run the benchmarks whose name begins with `wanted`."""
    rows: list[Row] = []
    for name, bench in BENCHES.items():
        if name.startswith(wanted):
            rows += bench()
    print(_table(rows))
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    Path("bench.json").write_text(json.dumps({"v": 1, "machine": machine, "rows": [asdict(r) for r in rows]}, indent=1))


def _row(what: str, values: Sequence[float], *, unit: str, goal: str, floor: float | None = None) -> Row:
    return Row(what, unit, len(values), min(values), statistics.median(values), max(values), floor, goal)


def _timed(argv: Sequence[str], env: dict[str, str], runs: int = RUNS) -> list[float]:
    """Milliseconds of whole processes, one warm-up not counted."""
    found = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        found.append((time.perf_counter() - began) * 1000)
    return found[1:]


def _script() -> str:
    return str(Path(sys.executable).with_name("tmuxagents"))


def _floor() -> float:
    return statistics.median(_timed([sys.executable, "-c", "pass"], dict(os.environ)))


@contextmanager
def _fleet() -> Iterator[Fleet]:
    with tempfile.TemporaryDirectory(prefix="tb-", ignore_cleanup_errors=True) as folder:
        made = fleets.make(Path(folder))
        try:
            yield made
        finally:
            made.end()


@contextmanager
def _claude() -> Iterator[Fleet]:
    with tempfile.TemporaryDirectory(prefix="tb-", ignore_cleanup_errors=True) as folder, MessagesApi() as api:
        made = fleets.make_claude(Path(folder), program=claude_program("newest"), url=api.url)
        try:
            yield made
        finally:
            made.end()


def version() -> list[Row]:
    """The shortest command."""
    times = _timed([_script(), "--version"], dict(os.environ))
    return [_row("tmuxagents --version", times, unit="ms", goal="<= 3 x floor", floor=_floor())]


def ls() -> list[Row]:
    """`ls` by the number of agents."""
    rows, had = [], 0
    with _fleet() as fleet:
        for count in (1, 50, 200):
            fleet.ok(
                "spawn", "--kind", "command", "--count", str(count - had), "-q", "--", "sleep", "100000", within=300
            )
            had = count
            # Until the controller has told the status line of them all.
            eventually(partial(_works, fleet, count), 60)
            goal = "<= 150 ms" if count == 50 else ""
            rows.append(
                _row(
                    f"ls with {count} agents",
                    _timed([_script(), "ls"], fleet.env),
                    unit="ms",
                    goal=goal,
                    floor=_floor(),
                )
            )
    return rows


def _works(fleet: Fleet, count: int) -> bool:
    return [agent["state"] for agent in fleet.agents()].count("working") == count


def spawn() -> list[Row]:
    """`spawn` of one, and of a hundred in one command."""
    with _fleet() as fleet:
        fleet.ok("spawn", "--kind", "command", "--", "sleep", "100000")
        one = _timed([_script(), "spawn", "--kind", "command", "--", "sleep", "100000"], fleet.env)
        began = time.perf_counter()
        fleet.ok("spawn", "--kind", "command", "--count", "100", "-q", "--", "sleep", "100000", within=300)
        hundred = time.perf_counter() - began
    return [
        _row("spawn of one agent", one, unit="ms", goal="<= 250 ms"),
        _row("spawn --count 100", [hundred], unit="s", goal="<= 5 s"),
    ]


def idle() -> list[Row]:
    """What the controller costs while a hundred agents do nothing."""
    with _fleet() as fleet:
        fleet.ok("spawn", "--kind", "command", "--count", "100", "-q", "--", "sleep", "100000", within=300)
        eventually(partial(_works, fleet, 100), 60)
        controller = psutil.Process(int((fleet.state / "controller.pid").read_text()))
        shares = [_share(controller, 10.0) for _ in range(3)]
        memory = controller.memory_info().rss / 1e6
    return [
        _row("controller, 100 idle agents", shares, unit="% of a core", goal="<= 0.5 %"),
        _row("controller, 100 idle agents", [memory], unit="MB", goal="<= 80 MB"),
    ]


def _share(process: psutil.Process, seconds: float) -> float:
    def used() -> float:
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    before, began = used(), time.monotonic()
    time.sleep(seconds)
    return (used() - before) / (time.monotonic() - began) * 100


def hook() -> list[Row]:
    """One hook, as the agent pays for it."""
    with _fleet() as fleet:
        fleet.ok("spawn", "--kind", "command", "--", "sleep", "100000")
        spool = fleet.root / "spool"
        spool.mkdir()
        times = _timed([str(fleet.state / "bin/hook.sh"), str(spool), "1", "Stop"], fleet.env, 50)
        bare = statistics.median(_timed(["/bin/sh", "-c", ":"], fleet.env))
    return [_row("a hook", times, unit="ms", goal="<= 10 ms", floor=bare)]


def say() -> list[Row]:
    """`say` to the real claude, idle, until the verdict is confirmed."""
    verdicts, whole = [], []
    with _claude() as fleet:
        fleet.ok("spawn", "say: hello", "--permission-mode", "default")
        fleet.wait_for("agent-1", lambda a: a["turns"] == 1)
        for number in range(40):
            fleet.wait_for("agent-1", lambda a: a["state"] == "idle")
            began = time.perf_counter()
            ran = fleet.ok("say", "agent-1", f"say: number {number}", "--json")
            whole.append(time.perf_counter() - began)
            result = ran.json["results"][0]
            assert result["verdict"] == "submitted", result
            verdicts.append(result["ms"] / 1000)
    return [
        _row("say to a confirmed verdict, claude idle", verdicts, unit="s", goal="median <= 0.3 s"),
        _row("the same, whole command", whole, unit="s", goal=""),
    ]


def tail() -> list[Row]:
    """From a transcript line written to the line on the standard output of `tail`."""
    with _fleet() as fleet:
        fleet.ok("spawn", "--kind", "demo", "say: ready", "--", "--speed", "0")
        fleet.wait_state("agent-1", "idle")
        events = fleet.state / "agents" / fleet.agent("agent-1")["id"] / "events.jsonl"
        reader = subprocess.Popen(
            fleet.argv("tail", "-n", "1", "--json"), env=fleet.env, stdout=subprocess.PIPE, text=True, cwd=fleet.work
        )
        try:
            assert reader.stdout is not None
            reader.stdout.readline()  # it follows from here on
            times = [_latency(reader, events, number) for number in range(100)]
        finally:
            reader.kill()
            reader.wait()
    return [_row("transcript line to tail's output", times[5:], unit="ms", goal="p50 <= 20 ms")]


def _latency(reader: subprocess.Popen[str], events: Path, number: int) -> float:
    began = time.perf_counter()
    with events.open("a") as file:
        file.write(json.dumps({"at": time.time_ns(), "event": "text", "text": f"line {number}"}) + "\n")
    assert reader.stdout is not None
    while f"line {number}" not in reader.stdout.readline():
        pass
    taken = (time.perf_counter() - began) * 1000
    time.sleep(0.02)
    return taken


BENCHES: dict[str, Callable[[], list[Row]]] = {
    "version": version,
    "ls": ls,
    "spawn": spawn,
    "idle": idle,
    "hook": hook,
    "say": say,
    "tail": tail,
}


def _table(rows: Sequence[Row]) -> str:
    lines = ["| what | n | min | median | max | floor | x floor | goal |", "|---|---|---|---|---|---|---|---|"]
    for r in rows:
        floor = f"{r.floor:.2f}" if r.floor else ""
        ratio = f"{r.median / r.floor:.1f}" if r.floor else ""
        figures = f"{r.least:.3g} | {r.median:.3g} {r.unit} | {r.most:.3g}"
        lines.append(f"| {r.what} | {r.runs} | {figures} | {floor} | {ratio} | {r.goal} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
