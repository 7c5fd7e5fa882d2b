"""By when a process goes on, told to others without a write: the byte that it locks says it.

A record lock (`fcntl`) may lie behind a file's end, so its place can be a moment. The kernel keeps it,
tells anybody who holds it, and lets go of it when the process dies: two calls a turn (2 µs), no disk.
The file is for this alone, and who holds the locks must not open it a second time: closing any
descriptor of it would free them.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from pathlib import Path

from tmuxagents.drivers import files
from tmuxagents.value import Value

_REGION = 1 << 44
"""Milliseconds of the monotonic clock below, the last answered call above it: 550 years each."""

# struct flock, in the order of its fields; l_type, l_whence and l_pid are what we look at.
_LINUX = sys.platform == "linux"
_FORMAT = "@hhqqi4x" if _LINUX else "@qqihh"


class Look(Value):
    """What another process tells: when it is due and which call it has answered, in monotonic seconds,
    and its pid. None where it tells nothing: it sleeps until it is called, or it does not run."""

    due: float | None = None
    answered: float | None = None
    pid: int | None = None


class Turns:
    """This process's own word. Nothing is told before `open`."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._locked: dict[int, int] = {}

    def open(self, path: Path) -> None:
        """Begin to tell; the file is made when it is missing."""
        self._descriptor = files.private(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW)

    def close(self) -> None:
        """Tell nothing more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None
        self._locked.clear()

    def due(self, moment: float | None) -> None:
        """Tell by when the next turn is, in monotonic seconds; None: when somebody calls."""
        self._tell(0, moment)

    def answered(self, call: float) -> None:
        """Tell which call was heard last."""
        self._tell(_REGION, call)

    def _tell(self, region: int, moment: float | None) -> None:
        if self._descriptor is None:
            return
        before = self._locked.get(region)
        place = region + min(_REGION - 1, max(0, round(moment * 1000))) if moment is not None else None
        if place == before:
            return
        # First the new word, then the old one away: whoever looks sees one of them.
        if place is not None:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            self._locked[region] = place
        else:
            self._locked.pop(region, None)
        if before is not None:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, before)


def look(path: Path) -> Look:
    """What the process that tells through that file says now. Never asked by that process itself."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return Look()
    try:
        due, answered = _first(descriptor, 0), _first(descriptor, _REGION)
    finally:
        os.close(descriptor)
    return Look(
        due=due[0] / 1000 if due else None,
        answered=(answered[0] - _REGION) / 1000 if answered else None,
        pid=(due or answered or (0, None))[1],
    )


def _first(descriptor: int, region: int) -> tuple[int, int] | None:
    """Where in the region somebody else's lock is, and whose."""
    if _LINUX:
        asked = struct.pack(_FORMAT, fcntl.F_WRLCK, os.SEEK_SET, region, _REGION, 0)
    else:
        asked = struct.pack(_FORMAT, region, _REGION, 0, fcntl.F_WRLCK, os.SEEK_SET)
    told = struct.unpack(_FORMAT, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    kind, start, pid = (told[0], told[2], told[4]) if _LINUX else (told[3], told[0], told[2])
    return (start, pid) if kind != fcntl.F_UNLCK else None
