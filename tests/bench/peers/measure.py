"""Time one tool, and weigh it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.peers import corpus
from tests.bench.peers.bed import Bed, Done, Failed, made
from tests.bench.peers.environments import Installed
from tests.bench.peers.peer import Argv, Peer
from tests.support.fleet import eventually

CROWD = 20
SLEEP = ["sleep", "100000"]


@dataclass(slots=True)
class Column:
    """What was found of one tool; None stands for what was not, `notes` for why."""

    peer: str
    version: str
    interpreter_ms: list[float] = field(default_factory=list)
    command_ms: list[float] = field(default_factory=list)
    list_1_ms: list[float] = field(default_factory=list)
    list_20_ms: list[float] = field(default_factory=list)
    program_s: list[float] = field(default_factory=list)
    claude_s: list[float] = field(default_factory=list)
    send_s: list[float] = field(default_factory=list)
    exact: int | None = None
    false_success: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    memory_mb: float | None = None
    disk_mb: float | None = None
    loads: list[float] = field(default_factory=list)
    """The load of the machine before and after each part, this benchmark's own included."""
    notes: list[str] = field(default_factory=list)


def column(peer: Peer, installed: Installed) -> Column:
    """All that can be measured of it."""
    found = Column(peer.name, peer.version, disk_mb=installed.size / 1e6)
    parts = [_command, _programs if peer.program else None, _claudes if peer.claude else None]
    for part in filter(None, parts):
        found.loads.append(os.getloadavg()[0])
        try:
            with made(installed.programs, peer.settings) as bed, peer.server(bed):
                part(peer, bed, found, installed.python)
        except Failed as error:
            found.notes.append(str(error))
    found.loads.append(os.getloadavg()[0])
    return found


def _command(peer: Peer, bed: Bed, found: Column, python: Path) -> None:
    found.interpreter_ms = _timed(bed, [str(python), "-c", "pass"])
    found.command_ms = _timed(bed, peer.cheapest)


def _timed(bed: Bed, argv: Argv, runs: int = 15, within: float = 4.0) -> list[float]:
    """Milliseconds of the whole command, one warm-up not counted; a slow one is run five times."""
    bed.ok(argv)
    times: list[float] = []
    while len(times) < 5 or (len(times) < runs and sum(times) < within * 1000):
        times.append(bed.ok(argv).seconds * 1000)
    return times


def _programs(peer: Peer, bed: Bed, found: Column, _: Path) -> None:
    """Agents that are programs: the first is a warm-up, then each start is timed."""
    assert peer.program is not None
    if peer.crowd:
        found.program_s = [_start(peer, bed, number) for number in range(7)][1:]
        bed.end()
        marks = [bed.root / f"crowd-{number}" for number in range(CROWD)]
        bed.leave(peer.crowd(bed, [_shell(mark) for mark in marks]))
        _wait(lambda: all(mark.exists() for mark in marks), "not all programs were started")
    else:
        _start(peer, bed, 1)
        found.list_1_ms = _listed(peer, bed)
        found.program_s = [_start(peer, bed, number) for number in range(2, CROWD + 1)]
    _weigh(peer, bed, found)


def _start(peer: Peer, bed: Bed, number: int) -> float:
    """Seconds until the program runs and, unless it stays, the command has returned."""
    assert peer.program is not None
    mark = bed.root / f"runs-{number}"
    argv = peer.program(bed, number, _shell(mark))
    began = time.perf_counter()
    if peer.stays:
        bed.leave(argv)
    else:
        bed.ok(argv)
    _wait(mark.exists, "the program was never started")
    return time.perf_counter() - began


def _shell(mark: Path) -> str:
    return f"echo > {mark}; exec {' '.join(SLEEP)}"


def _wait(ask: Callable[[], object], why: str) -> None:
    try:
        eventually(ask, 60)
    except AssertionError as error:
        raise Failed(why) from error


def _claudes(peer: Peer, bed: Bed, found: Column, _: Path) -> None:
    """Agents that are `claude`: the first is talked to, four more starts are timed."""
    _ask(peer, bed, 1)
    if peer.program is None:
        bed.wait_idle()
        time.sleep(3)
        found.list_1_ms = _listed(peer, bed)
    if peer.send:
        _battery(peer, bed, found)
    found.claude_s = [_ask(peer, bed, number) for number in range(2, 6)]
    if peer.program is None:
        for number in range(6, CROWD + 1):  # one by one: starts that wait for each other time out on a busy machine
            _ask(peer, bed, number)
        _weigh(peer, bed, found)


def _ask(peer: Peer, bed: Bed, number: int) -> float:
    """Seconds from the command until the model is asked."""
    assert peer.claude is not None
    task = f"say: task {number}"
    began = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        command = pool.submit(bed.ok, peer.claude(number, task))
        _wait(lambda: task in bed.asked() or _has_failed(command), f"the model was never asked {task!r}")
        taken = time.perf_counter() - began
        command.result()
    return taken


def _has_failed(command: Future[Done]) -> bool:
    return command.done() and command.exception() is not None


def _battery(peer: Peer, bed: Bed, found: Column) -> None:
    assert peer.send is not None
    found.exact = 0
    for text in corpus.CORPUS:
        bed.wait_idle()
        before = len(bed.asked())
        done = bed.run(peer.send(text))
        if _arrives(bed, text, before):
            found.exact += 1
            found.send_s.append(done.seconds)
        else:
            (found.lost if done.code else found.false_success).append(text[:40])
            bed.empty_boxes()


def _arrives(bed: Bed, text: str, before: int) -> bool:
    """Whether the text was asked, and nothing else came of it half a second later."""
    end = time.monotonic() + 4
    while len(bed.asked()) == before and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)
    return corpus.is_exact(text, bed.asked()[before:])


def _listed(peer: Peer, bed: Bed) -> list[float]:
    return _timed(bed, peer.listing) if peer.listing else []


def _weigh(peer: Peer, bed: Bed, found: Column) -> None:
    """List the twenty, then weigh what runs beside them when they have come to rest."""
    time.sleep(5)
    found.list_20_ms = _listed(peer, bed)
    time.sleep(3)
    agents = peer.agents(bed) if peer.agents else {p.pid for p in bed.processes() if _is_agent(p, bed)}
    if len(agents) != CROWD:
        found.notes.append(f"{len(agents)} of {CROWD} agents were there to weigh")
    sizes = [_resident(process) for process in bed.processes() if process.pid not in agents]
    found.memory_mb = sum(sizes) / 1e6


def _is_agent(process: psutil.Process, bed: Bed) -> bool:
    try:
        return process.cmdline() == SLEEP or Path(process.exe()) == bed.claude
    except psutil.Error:
        return False


def _resident(process: psutil.Process) -> int:
    """Resident bytes; what several share is split between them where the system says so."""
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.uss))
    except psutil.Error:
        return 0
