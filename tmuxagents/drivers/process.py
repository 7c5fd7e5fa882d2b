"""Processes that are ours: found below a pane's process, named by pid and start time."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be confused with a later one of the same pid."""

    pid: int
    started: float


def below(pid: int) -> list[Process]:
    """All descendants of a process now, children before grandchildren; empty when it is gone."""
    import psutil

    try:
        return [Process(p.pid, p.create_time()) for p in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def kill(pid: int) -> None:
    """Kill a process that is known to be ours now; one that is gone is no error."""
    import psutil

    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).kill()


def send(processes: Sequence[Process], number: signal.Signals) -> None:
    """Signal exactly these processes; one that is gone, or whose pid is another's now, is passed over."""
    import psutil

    for process in processes:
        with contextlib.suppress(psutil.Error):
            found = psutil.Process(process.pid)
            if found.create_time() == process.started:
                found.send_signal(number)


def resident_mb(pid: int) -> float | None:
    """Megabytes that a process and its descendants hold; None when it is gone."""
    import psutil

    try:
        root = psutil.Process(pid)
        return float(sum(p.memory_info().rss for p in [root, *root.children(recursive=True)])) / 1e6
    except psutil.Error:
        return None
