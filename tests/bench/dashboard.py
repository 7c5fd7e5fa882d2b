"""The dashboard: until it stands, and what it takes of a core while nothing happens and while fifty print."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator
from functools import partial

import psutil

from tests.bench.commands import SLEEP, all_work
from tests.bench.rows import Goal, Row, fleet, row, script
from tests.support.fleet import Fleet, eventually

OPENINGS = 10
WATCHED_S = 20.0
BUSY = ("--", "sh", "-c", "while :; do echo line; sleep 1; done")


class Terminal:
    """A terminal of 120 by 40 in which it runs; what it writes is read all the time."""

    def __init__(self, made: Fleet, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.began, self.seen = time.perf_counter(), b""
        env = {**made.env, "TERM": "xterm-256color"}
        argv = [script(), "top", *words]
        self.program = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=made.work, start_new_session=True
        )
        os.close(theirs)
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while not self._over.is_set():
            if select.select([self._ours], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    self.seen += os.read(self._ours, 65_536)

    def until(self, words: bytes) -> float:
        """Seconds from its start until it has written that."""
        while words not in self.seen:
            assert self.program.poll() is None, self.seen[-2000:]
            time.sleep(0.002)
        return time.perf_counter() - self.began

    def close(self) -> None:
        """End it."""
        self.program.send_signal(signal.SIGTERM)
        self.program.wait(10)
        self._over.set()
        self._reader.join()
        os.close(self._ours)


@contextlib.contextmanager
def shown(made: Fleet, *words: str) -> Iterator[Terminal]:
    """It, until the block is left."""
    terminal = Terminal(made, *words)
    try:
        yield terminal
    finally:
        terminal.close()


def top() -> list[Row]:
    """Opening, idle, busy."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", "--count", "50", "-q", *SLEEP, within=300)
        eventually(partial(all_work, made, 50), 120)
        # The list, and then everything: keys are taken from there on.
        opened = [_opened(made, b"50 working") for _ in range(OPENINGS)]
        ready = [_opened(made, b"keys") for _ in range(OPENINGS)]
        made.ok("spawn", "--kind", "command", "--count", "50", "-q", *SLEEP, within=300)
        eventually(partial(all_work, made, 100), 120)
        young = _share(made)
        # An age in seconds grows every second, and one in minutes every minute.
        time.sleep(60)
        idle = _share(made)
        made.ok("stop", "-A", "-y", "all", "--grace", "1s", within=300)
        made.ok("rm", "-A", "-y", "all", within=300)
        made.ok("spawn", "--kind", "command", "--count", "50", "-q", *SLEEP, within=300)
        made.ok("spawn", "--kind", "command", "--count", "50", "-q", *BUSY, within=300)
        eventually(partial(all_work, made, 100), 120)
        busy = _share(made)
    return [
        row("top with 50 agents, until they are shown", opened[1:], unit="ms", goals=[Goal(600)]),
        row("top with 50 agents, until it takes keys", ready[1:], unit="ms", goals=[Goal(600)]),
        row("top with 100 agents, nothing happens", [idle], unit="% of a core", goals=[Goal(5)]),
        row("the same in their first minute, ages in seconds", [young], unit="% of a core", goals=[Goal(5)]),
        row("top with 100 agents, 50 print a line a second", [busy], unit="% of a core", goals=[Goal(25)]),
    ]


def _opened(made: Fleet, words: bytes) -> float:
    with shown(made) as terminal:
        return terminal.until(words) * 1000


def _share(made: Fleet) -> float:
    """Per cent of a core that it takes for itself and for the tmux commands that it runs."""
    with shown(made) as terminal:
        terminal.until(b"100")
        # The first seconds are its opening.
        time.sleep(8)
        process = psutil.Process(terminal.program.pid)
        before, began = _taken(process), time.perf_counter()
        time.sleep(WATCHED_S)
        return (_taken(process) - before) / (time.perf_counter() - began) * 100


def _taken(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
