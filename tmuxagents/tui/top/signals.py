"""End when a signal says so, whatever hangs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

_LEAVES_S = 3.0
"""After a signal it has ended by then."""

_ENDS = (signal.SIGTERM, signal.SIGHUP)


def listen(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Have `leave` called with the exit code; only the main thread can hear of signals. Not by the loop: that one may
    wait for another program, or for a terminal that is gone."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = {number: signal.getsignal(number) for number in _ENDS}

    def told(number: int, _: FrameType | None) -> None:
        if loop.is_closed():
            signal.signal(number, before[signal.Signals(number)])
            os.kill(os.getpid(), number)
            return
        # A terminal that is gone takes nothing, and its writer may wait for ever.
        threading.Thread(target=_end_soon, args=(128 + number,), daemon=True).start()
        loop.call_soon_threadsafe(leave, 128 + number)

    for number in _ENDS:
        signal.signal(number, told)


@contextlib.contextmanager
def passed_on(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whoever has the terminal ends as well, and is waited for no longer."""
    before = {number: signal.getsignal(number) for number in _ENDS}

    def told(number: int, frame: FrameType | None) -> None:
        child.terminate()
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    for number in _ENDS:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number in _ENDS:
            signal.signal(number, before[number])


def _end_soon(code: int) -> None:
    time.sleep(_LEAVES_S)
    os._exit(code)
