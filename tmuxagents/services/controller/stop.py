"""End the running controller, whatever state it is in."""

from __future__ import annotations

import contextlib
import signal

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.errors import TimedOut, word
from tmuxagents.services.app import App
from tmuxagents.services.server import controller_alive

ASK_S = 5.0
"""How long a controller that turns may take to end by itself."""


def stop(app: App) -> int | None:
    """End the running controller; its pid, or None when none runs. When this returns it has ended.

    It is asked; one that does not go (it is suspended, or hangs) is terminated, then killed. `TimedOut`
    when it runs even so.
    """
    if not controller_alive.is_up(app):
        return None
    # It is told a moment after the lock is had.
    pid = clock.eventually(lambda: _pid(app), within=2.0)
    patience = 0.5
    with contextlib.suppress(OSError):
        controller_alive.leave(app, pid)
        files.write_whole(app.state / "controller.stop", str(pid))
        controller_alive.nudge(app)
        patience = ASK_S if controller_alive.stuck_for(app) is None else 0.5
    if not _ends(app, patience):
        _end(app)
    return pid or 0


def _pid(app: App) -> int | None:
    """The controller's pid: by the kernel's word, and of one of an older version by its own."""
    holder = controller_alive.holder(app)
    if holder is not None:
        return holder.pid
    try:
        return int(files.read_whole(app.state / "controller.pid"))
    except (OSError, ValueError):
        return None


def _end(app: App) -> None:
    """Signal the process that has the locks, and no other."""
    for number, grace in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0)):
        holder = controller_alive.holder(app)
        if holder is not None:
            controller_alive.leave(app, holder.pid)
            process.send([holder], number)
        if _ends(app, grace):
            (app.state / "controller.stop").unlink(missing_ok=True)
            return
    with contextlib.suppress(OSError):
        controller_alive.leave(app, None)
    raise TimedOut("the controller does not end", hint=f"fuser {word(app.state / 'controller.lock')}")


def _ends(app: App, within: float) -> bool:
    return clock.eventually(lambda: None if controller_alive.runs(app) else True, within=within) is not None
