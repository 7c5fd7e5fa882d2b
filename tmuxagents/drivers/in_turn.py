"""Run a command as its own process, at our terminal, while we wait for it: its signals, its end, nothing else.

It is a child and not what we become: a program that closes what it inherits (ssh, sudo) would let go of the lock.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

_PASSED = frozenset(
    {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2},
)
_HEARD = _PASSED | {signal.SIGCHLD}

# What Python has set and a program does not expect.
_UNSET = tuple(getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ") if hasattr(signal, name))

_FROM_KERNEL = 128
"""`SI_KERNEL`: a key at the terminal, or its end. The kernel has told the command itself, as one of the group."""


def run(argv: Sequence[str], ready: Callable[[], bool]) -> int:
    """Run the command, once `ready` has said yes in its process; returns its exit code, 128 + N for signal N. OSError
    where it cannot be run."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _become(argv, ready, parent, writing, before)
    try:
        os.close(writing)
        # Closed when the program runs.
        with os.fdopen(reading, "rb") as told:
            trouble = told.read()
        code = _end_of(child)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if trouble:
        number = int(trouble)
        raise OSError(number, os.strerror(number), argv[0])
    return code


def _become(
    argv: Sequence[str], ready: Callable[[], bool], parent: int, writing: int, mask: set[signal.Signals | int]
) -> NoReturn:
    try:
        # Whoever was killed before that had no turn to give.
        if ready() and os.getppid() == parent:
            for number in (*_UNSET, *_HEARD):
                if number in _UNSET or signal.getsignal(number) != signal.SIG_IGN:
                    signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.execvp(argv[0], list(argv))
    except OSError as error:
        os.write(writing, str(error.errno or 1).encode())
    finally:
        os._exit(127)


def _end_of(child: int) -> int:
    """Pass on what is sent to us until it has ended."""
    while True:
        number, from_kernel = _heard()
        if number == signal.SIGCHLD:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                return 128 - code if code < 0 else code
        elif not from_kernel:
            # It is there: nobody else waits for it.
            with contextlib.suppress(PermissionError):
                os.kill(child, number)


def _heard() -> tuple[int, bool]:
    """The next signal, and whether the kernel itself has sent it to the whole group."""
    if sys.platform == "linux":
        found = signal.sigwaitinfo(_HEARD)
        return found.si_signo, found.si_code == _FROM_KERNEL
    number = signal.sigwait(_HEARD)
    return number, number in (signal.SIGINT, signal.SIGQUIT) and _is_in_front()


def _is_in_front() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
