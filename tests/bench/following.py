"""From what an agent does to what a reader sees: latency, throughput, what the controller costs."""

from __future__ import annotations

import json
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from tests.bench.commands import SLEEP, all_work
from tests.bench.rows import Goal, Row, fleet, row
from tests.support.fleet import Fleet, eventually


def tail() -> list[Row]:
    """From a transcript line written to the line on the standard output of `tail`, quiet and with
    fifty others who each write ten lines a second; the floor is `tail -f`."""
    with fleet() as made:
        made.ok("spawn", "--kind", "demo", "--count", "51", "-q", "say: ready", "--", "--speed", "0", within=120)
        eventually(lambda: [agent["turns"] for agent in made.agents()] == [1] * 51, 120)
        own, *others = [_events(made, agent["id"]) for agent in made.agents()]
        plain = made.root / "plain"
        plain.touch()
        floor = statistics.median(_latencies(["tail", "-n", "1", "-f", str(plain)], made, plain, "floor", 30))
        follow = made.argv("tail", "agent-1", "-n", "0", "--json")
        quiet = _latencies(follow, made, own, "quiet", 100)
        with _writing(others):
            busy = _latencies(follow, made, own, "busy", 200)
    goals = [Goal(20), Goal(100, "p99")]
    return [
        row("transcript line to tail's output", quiet, unit="ms", floor=floor, goals=goals),
        row("the same with 50 busy agents", busy, unit="ms", floor=floor, goals=goals),
    ]


def _events(made: Fleet, agent_id: str) -> Path:
    return made.state / "agents" / agent_id / "events.jsonl"


def _write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(json.dumps({"at": time.time_ns(), "event": "text", "text": text}) + "\n")


@contextmanager
def _writing(paths: list[Path]) -> Iterator[None]:
    over = threading.Event()

    def run() -> None:
        number = 0
        while not over.wait(0.1 / len(paths)):
            _write(paths[number % len(paths)], f"others {number}")
            number += 1

    writer = threading.Thread(target=run)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def _latencies(argv: list[str], made: Fleet, path: Path, word: str, runs: int) -> list[float]:
    reader = subprocess.Popen(argv, env=made.env, stdout=subprocess.PIPE, text=True, cwd=made.work)
    try:
        assert reader.stdout is not None
        # Until it follows, which it does not say.
        number, seen = 0, threading.Event()
        waker = threading.Thread(target=_first_line, args=(reader, seen))
        waker.start()
        while not seen.wait(0.2):
            _write(path, f"{word} starts {number}")
            number += 1
        waker.join()
        return [_latency(reader, path, f"{word} line {number}.") for number in range(runs)]
    finally:
        reader.kill()
        reader.wait()


def _first_line(reader: subprocess.Popen[str], seen: threading.Event) -> None:
    assert reader.stdout is not None
    reader.stdout.readline()
    seen.set()


def _latency(reader: subprocess.Popen[str], path: Path, text: str) -> float:
    began = time.perf_counter()
    _write(path, text)
    assert reader.stdout is not None
    while text not in reader.stdout.readline():
        pass
    taken = (time.perf_counter() - began) * 1000
    time.sleep(0.03)
    return taken


MEGABYTES = 100


def plain() -> list[Row]:
    """A hundred megabytes of lines: MB/s until all of it is in the journal; the floor (here a ceiling)
    is tmux with `cat` alone."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", *SLEEP)
        data = made.root / "data"
        line = "a line of the usual length, as a build or a test run prints it, with number"
        count = MEGABYTES * 1_000_000 // (len(line) + 9)
        data.write_text("".join(f"{line} {number:7d}\n" for number in range(count)))
        size = data.stat().st_size / 1e6
        rates, bare = [], []
        for number in range(3):
            began = time.perf_counter()
            name = f"flood-{number}"
            made.ok("spawn", "--kind", "command", "--name", name, "--", "cat", str(data))
            # Seldom: each look takes from the processor what is measured.
            eventually(partial(_ended, made, name), 120, pause=lambda: time.sleep(0.3))
            rates.append(size / (time.perf_counter() - began))
            bare.append(size / _bare_cat(made, data, number))
        kept = made.printed("flood-0")
        assert kept == data.read_text().splitlines(), "a line is missing"
    return [
        row(
            "plain output to the journal",
            rates,
            unit="MB/s",
            floor=statistics.median(bare),
            goals=[Goal(20, at_least=True)],
        )
    ]


def _ended(made: Fleet, name: str) -> bool:
    return bool(made.agent(name)["state"] == "ended")


def _bare_cat(made: Fleet, data: Path, number: int) -> float:
    """Seconds that tmux takes to draw and capture it without us."""
    out = made.root / f"bare.{number}"
    began = time.perf_counter()
    made.tmux(
        "new-window", "-d", "-n", f"bare{number}", f"cat {data}; sleep 1", ";",
        "pipe-pane", "-O", "-t", f"=tmuxagents:=bare{number}", f"exec cat >> {out}",
    )  # fmt: skip
    lines = data.read_bytes().count(b"\n")
    size = data.stat().st_size + lines
    eventually(lambda: out.exists() and out.stat().st_size >= size, 120)
    return time.perf_counter() - began


# Ten lines every 50 ms; Perl because a hundred of it are cheap.
_PRINTER = (
    '$|=1; $n=0; while(1){ for(1..10){ print "line ", $n++, " of an agent that prints two hundred a second\\n" }'
    " select undef,undef,undef,0.05 }"
)


def panes() -> list[Row]:
    """A hundred panes that print two hundred lines a second each, for ten seconds."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", "--count", "100", "-q", "--", "perl", "-e", _PRINTER, within=300)
        eventually(partial(all_work, made, 100), 60)
        process = _controller(made)
        share = [_share(process, 5.0) for _ in range(3)]
        memory = process.memory_info().rss / 1e6
        made.ok("stop", "all", within=300)
        lost = sum(_missing(made.printed(f"agent-{number}")) for number in range(1, 101))
    return [
        row("controller, 100 panes at 200 lines/s", share, unit="% of a core", goals=[Goal(50)]),
        row("the same", [memory], unit="MB", goals=[Goal(80)]),
        row("lines lost of them", [float(lost)], unit="lines", goals=[Goal(0)]),
    ]


def _missing(lines: list[str]) -> int:
    numbers = [int(words[1]) for line in lines if (words := line.split()) and words[0] == "line" and len(words) > 8]
    return (numbers[-1] + 1 - len(set(numbers))) if numbers else 1


def idle() -> list[Row]:
    """What the controller costs while a hundred agents do nothing, and what an agent costs in memory
    besides its program: its starter, its capture, its part of tmux and of the controller."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", *SLEEP)
        eventually(partial(all_work, made, 1), 60)
        process = _controller(made)
        before = _ours(made)
        made.ok("spawn", "--kind", "command", "--count", "99", "-q", *SLEEP, within=300)
        eventually(partial(all_work, made, 100), 60)
        shares = [_share(process, 10.0) for _ in range(3)]
        memory = process.memory_info().rss / 1e6
        each = (_ours(made) - before) / 99 / 1e6
    return [
        row("controller, 100 idle agents", shares, unit="% of a core", goals=[Goal(0.5)]),
        row("the same", [memory], unit="MB", goals=[Goal(80)]),
        row("each agent besides its program", [each], unit="MB", goals=[Goal(1)]),
    ]


def _controller(made: Fleet) -> psutil.Process:
    return psutil.Process(int((made.state / "controller.pid").read_text()))


def _ours(made: Fleet) -> float:
    """Bytes in memory, shared ones in their part, of all that runs but the agents' programs."""
    return float(sum(p.memory_full_info().pss for p in made.processes() if p.name() != "sleep"))


def _share(process: psutil.Process, seconds: float) -> float:
    def used() -> float:
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    before, began = used(), time.monotonic()
    time.sleep(seconds)
    return (used() - before) / (time.monotonic() - began) * 100
