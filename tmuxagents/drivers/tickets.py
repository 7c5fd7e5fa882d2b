"""A line in which processes wait their turn: who has the lowest ticket that is held has it.

A ticket is a byte behind the end of a file, locked by the process that took it (`fcntl`): the kernel lets go of it
when that process dies, however it dies, and never before, whatever its age. Numbers only grow, so first come is first
served. A second byte belongs to the command that runs in the turn (`keep`): it has it from its own process, not from
ours, so what it leaves behind in the background has not, and it holds also where we were killed and it was not.

Whoever holds a ticket must not open the file a second time: closing any descriptor of it would free the ticket.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from tmuxagents.drivers import files

_FILE = "line"
_GIVING = 0
"""The byte that is held while a ticket is given."""
_FIRST = 1 << 20
_LAST = 1 << 62
_AWAY = 100
"""The least number of the descriptor that a command inherits."""

# struct flock, in the order of its fields.
_LINUX = sys.platform == "linux"
_FORMAT = "@hhqqi4x" if _LINUX else "@qqihh"


class _TooLate(Exception):
    """The time to wait is over."""


class Ticket:
    """A place in the line, until `close`."""

    def __init__(self, descriptor: int, number: int) -> None:
        self._descriptor = descriptor
        self.number = number

    def close(self) -> None:
        """Leave the line."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def is_first(self) -> bool:
        """Whether it is its turn."""
        return _conflict(self._descriptor, _FIRST, _place(self.number)) is None

    def first(self) -> tuple[int, int] | None:
        """The ticket of who has the turn, and the pid of that one; None where it is ours."""
        return next(iter(_held(self._descriptor, _place(self.number))), None)

    def wait(self, within: float | None) -> bool:
        """Whether its turn came within so many seconds; None waits for ever."""
        if self.is_first():
            return True
        before = _place(self.number) - _FIRST
        try:
            with _alarm(within):
                # Not to have it: who waits has room for others who wait.
                fcntl.lockf(self._descriptor, fcntl.LOCK_SH, before, _FIRST)
        except _TooLate:
            return False
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, before, _FIRST)
        return True

    def keep(self) -> bool:
        """In a child that was just forked: hold the turn too, from here on and in the program that it becomes."""
        # Out of the way of what a script opens by numbers of its own. The other one goes first: the kernel would free
        # the lock when the program begins and that one is closed.
        descriptor = fcntl.fcntl(self._descriptor, fcntl.F_DUPFD, _AWAY)
        self.close()
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(self.number) + 1)
        except OSError:
            return False
        return True


def take(folder: Path, *, within: float | None = None) -> Ticket | None:
    """The next ticket of the line in that folder; None when it was not had in time."""
    descriptor = files.private(folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        with _alarm(within):
            # Held by who is given a ticket at this moment: for ever only where that one was suspended right then.
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, _GIVING)
        number = _next(descriptor)
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(number))
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, _GIVING)
    except _TooLate:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return Ticket(descriptor, number)


def _next(descriptor: int) -> int:
    """Given once, also where what was written down is lost."""
    said = os.pread(descriptor, 32, 0).strip()
    highest = max((number for number, _ in _held(descriptor)), default=0)
    number = max(int(said) if said.isdigit() else 0, highest) + 1
    os.pwrite(descriptor, f"{number:<19}\n".encode(), 0)
    return number


def held(folder: Path) -> list[tuple[int, int]]:
    """The tickets that are held, lowest first, each with the pid of who holds it. Never asked by who holds one."""
    try:
        descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return []
    try:
        return _held(descriptor)
    finally:
        os.close(descriptor)


def _held(descriptor: int, end: int = _LAST) -> list[tuple[int, int]]:
    found: dict[int, int] = {}
    for first, behind, pid in sorted(_locked(descriptor, _FIRST, end)):
        for number in range((first - _FIRST) // 2, (behind - 1 - _FIRST) // 2 + 1):
            found.setdefault(number, pid)
    return sorted(found.items())


def _locked(descriptor: int, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The kernel tells one lock of a range, whichever: what is on both sides of it is asked for by itself."""
    found = _conflict(descriptor, start, end) if start < end else None
    if found is None:
        return
    yield found
    yield from _locked(descriptor, start, found[0])
    yield from _locked(descriptor, found[1], end)


def _conflict(descriptor: int, start: int, end: int) -> tuple[int, int, int] | None:
    """Some lock of another process there: from where to where, and whose."""
    if start >= end:
        return None
    # As one who would read: those who only wait are passed over.
    kind, whence, length = fcntl.F_RDLCK, os.SEEK_SET, end - start
    asked = (kind, whence, start, length, 0) if _LINUX else (start, length, 0, kind, whence)
    told = struct.unpack(_FORMAT, fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(_FORMAT, *asked)))
    kind, at, size, pid = (told[0], told[2], told[3], told[4]) if _LINUX else (told[3], told[0], told[1], told[2])
    if kind == fcntl.F_UNLCK:
        return None
    return max(at, start), min(at + size, end) if size else end, pid


def _place(number: int) -> int:
    return _FIRST + 2 * number


@contextlib.contextmanager
def _alarm(within: float | None) -> Iterator[None]:
    """Raise `_TooLate` in the block after so long. Only the main thread can be called so."""
    if within is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TooLate

    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: one that rings just before the kernel is asked is not heard there.
    signal.setitimer(signal.ITIMER_REAL, max(within, 0.001), 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
