"""End when a signal says so, whatever hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable

_LEAVES_S = 3.0
"""After a signal it has ended by then."""


def listen(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Have `leave` called with the exit code; only the main thread can hear of signals."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, _told, 128 + number, leave)


def _told(code: int, leave: Callable[[int], None]) -> None:
    # A terminal that is gone takes nothing, and its writer may wait for ever.
    threading.Thread(target=_end_soon, args=(code,), daemon=True).start()
    leave(code)


def _end_soon(code: int) -> None:
    time.sleep(_LEAVES_S)
    os._exit(code)
