"""Processes that are ours: named by their pid and by the kernel's own mark of their start.

A pid alone says nothing: after a restart of the machine, or of a container, it is somebody else's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
from collections.abc import Sequence

from tmuxagents.value import Value


class Process(Value):
    """A process that cannot be confused with a later one of the same pid."""

    pid: int
    mark: str


def known(pid: int) -> Process | None:
    """The process that has this pid now; None when there is none, or only its exit status is left."""
    mark = _mark(pid)
    return Process(pid, mark) if mark is not None else None


def lives(process: Process) -> bool:
    """Whether it still runs."""
    return _mark(process.pid) == process.mark


def runs(pid: int, ticks: str | None) -> bool:
    """Whether a process of that pid runs; on Linux with that start, where one is told."""
    mark = _mark(pid)
    if mark is None or ticks is None or sys.platform != "linux":
        return mark is not None
    return mark.endswith(f".{ticks}")


def is_suspended(pid: int) -> bool:
    """Whether it was stopped by a signal and waits for SIGCONT; False when there is no such process."""
    if sys.platform == "linux":
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                return file.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
        except (OSError, IndexError):
            return False
    import psutil

    try:
        return psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except psutil.Error:
        return False


_TRIES = 5
"""The `stat` of any process of the machine reads as empty in the moment in which that one goes; psutil 7.2 takes it for
a row (once in some thousand looks)."""


def below(root: Process) -> list[Process]:
    """All descendants of a process now, children before grandchildren; empty when it is gone."""
    import psutil

    if not lives(root):
        return []
    for _ in range(_TRIES):
        with contextlib.suppress(IndexError):
            try:
                found = [known(p.pid) for p in psutil.Process(root.pid).children(recursive=True)]
            except psutil.Error:
                return []
            return [process for process in found if process is not None]
    return []


def ancestors(pid: int | None = None) -> list[int]:
    """That pid, or our own, its parent's and so on, as far as they can be told."""
    found: list[int] = []
    pid = os.getpid() if pid is None else pid
    while pid > 1 and pid not in found:
        found.append(pid)
        pid = _parent(pid)
    return found


def _parent(pid: int) -> int:
    """0 where it cannot be told."""
    if sys.platform == "linux":
        return stat_number(pid, 1)
    import psutil

    try:
        return psutil.Process(pid).ppid()
    except psutil.Error:
        return 0


def stat_number(pid: int, place: int) -> int:
    """A number of /proc/PID/stat, counted from behind the program's name; 0 where there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The program's name, in brackets, may hold anything.
            return int(file.read().rpartition(b")")[2].split()[place])
    except (OSError, IndexError, ValueError):
        return 0


def kill(pid: int) -> None:
    """Kill a process that is known to be ours now; one that is gone is no error."""
    one = known(pid)
    if one is not None:
        send([one], signal.SIGKILL)


def send(processes: Sequence[Process], number: signal.Signals) -> list[Process]:
    """Signal exactly these processes; one that is gone, or whose pid is another's now, is passed over.
    Returns those that were signalled."""
    return [process for process in processes if _send(process, number)]


def wait_for_end(process: Process) -> bool:
    """Sleep until it has ended, whosever child it is; False where the system has no way to."""
    try:
        descriptor = _opened(process.pid)
    except ProcessLookupError:
        return True
    if descriptor is None:
        return not lives(process)
    try:
        # The pid could have become another's before it was held.
        if lives(process):
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll()
        return True
    finally:
        os.close(descriptor)


def _send(process: Process, number: signal.Signals) -> bool:
    if not lives(process):
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError), contextlib.ExitStack() as stack:
        descriptor = _opened(process.pid)
        if descriptor is None:
            os.kill(process.pid, number)
            return True
        stack.callback(os.close, descriptor)
        # Looked at again now that it is held: between this look and the signal the pid cannot become another's.
        if sys.platform == "linux" and lives(process):
            signal.pidfd_send_signal(descriptor, number)
            return True
    return False


def _opened(pid: int) -> int | None:
    """A descriptor of the process; None where the kernel has none."""
    if sys.platform == "linux":
        try:
            return os.pidfd_open(pid)
        except OSError as error:
            if error.errno not in (errno.ENOSYS, errno.EPERM):
                raise
    return None


def _mark(pid: int) -> str | None:
    """Which boot, and the clock tick of it in which the process started. Both are the kernel's own:
    psutil's `create_time` is their sum with the wall clock, which moves when the clock is set."""
    if sys.platform != "linux":
        return _created(pid)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The program's name, in brackets, may hold anything.
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/sys/kernel/random/boot_id") as file:
            boot = file.read().strip()
        state, ticks = fields[0], fields[19].decode()
    except (OSError, IndexError):
        return None
    return f"{boot}.{ticks}" if state not in (b"Z", b"X") else None


def _created(pid: int) -> str | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return repr(process.create_time()) if process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, ValueError):
        return None


def resident_mb(pid: int) -> float | None:
    """Megabytes that a process and its descendants hold; None when it is gone."""
    import psutil

    try:
        root = psutil.Process(pid)
        return float(sum(p.memory_info().rss for p in [root, *root.children(recursive=True)])) / 1e6
    except psutil.Error:
        return None


def on_path(program: str, path: str | None) -> str | None:
    """What would be run for that word, as `shutil.which` says; None when nothing can be. Without its import,
    which brings three compressors: 4 ms of a `spawn`."""
    if os.path.dirname(program):
        return program if _runs(program) else None
    folders = (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep)
    return next((found for folder in folders if folder and _runs(found := os.path.join(folder, program))), None)


def _runs(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
