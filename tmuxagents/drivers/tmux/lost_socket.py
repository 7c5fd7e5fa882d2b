"""Find a server again whose socket was deleted.

Cleaners of temporary folders and logind delete sockets under living servers. tmux makes its
socket anew on SIGUSR1, which would end most other programs: so the process must be ours.
"""

from __future__ import annotations

import signal

from tmuxagents.drivers import process
from tmuxagents.drivers.process import Process

TOLERANCE_S = 3.0
"""tmux tells its start in whole seconds, a moment after the kernel's."""


def note(identity: str) -> str:
    """What to write down about the server `pid.start_time` that has just answered: that, and the
    kernel's mark of the process."""
    running = process.known(int(identity.partition(".")[0]))
    return f"{identity}\n{running.mark}\n" if running is not None else f"{identity}\n"


def revive(noted: str) -> bool:
    """Ask the noted server to make its socket anew; False when that server is no more."""
    found = _noted(noted)
    return found is not None and process.send([found], signal.SIGUSR1) != []


def _noted(noted: str) -> Process | None:
    told, mark = (*noted.split("\n"), "")[:2]
    pid, _, started = told.partition(".")
    if not (pid.isascii() and pid.isdecimal() and started.isascii() and started.isdecimal()):
        return None
    return Process(int(pid), mark) if mark else _by_clock(int(pid), int(started))


def _by_clock(pid: int, started: int) -> Process | None:
    """A note of a version that kept no mark: the start by the wall clock, and the name."""
    import psutil

    found = process.known(pid)
    try:
        running = psutil.Process(pid)
        mine = abs(running.create_time() - started) <= TOLERANCE_S and running.name().startswith("tmux")
    except psutil.Error:
        return None
    return found if mine else None
