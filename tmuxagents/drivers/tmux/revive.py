"""Find a server again whose socket was deleted.

Cleaners of temporary folders and logind delete sockets under living servers. tmux makes its
socket anew on SIGUSR1. The process is ours only if both its pid and its start time are.
"""

from __future__ import annotations

import signal

TOLERANCE_S = 3.0
"""tmux tells its start in whole seconds, a moment after the kernel's."""


def revive(identity: str) -> bool:
    """Ask the server `pid.start_time` to make its socket anew; False when that server is no more."""
    import psutil

    pid, _, started = identity.partition(".")
    if not pid.isdecimal() or not started.isdecimal():
        return False
    try:
        process = psutil.Process(int(pid))
        mine = abs(process.create_time() - int(started)) <= TOLERANCE_S and process.name().startswith("tmux")
        if not mine or process.status() == psutil.STATUS_ZOMBIE:
            return False
        process.send_signal(signal.SIGUSR1)
    except psutil.Error:
        return False
    return True
