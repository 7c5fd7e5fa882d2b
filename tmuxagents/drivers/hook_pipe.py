"""Answer a hook that waits on its pipe."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

LIMIT_S = 2.0
"""How long a hook may take to read its answer."""


def send(pipe: Path, line: str) -> bool:
    """Give the hook its answer; True when it was written to a living hook, at most once for each pipe.

    False, and nothing written, when there is no pipe (somebody was quicker, or the hook has gone).
    """
    taken = pipe.with_name(f".{pipe.name}.taken")
    try:
        os.rename(pipe, taken)
    except OSError:
        return False
    try:
        return _write(taken, line.encode() + b"\n")
    finally:
        taken.unlink(missing_ok=True)


def release(folder: Path, keep: frozenset[str] = frozenset()) -> None:
    """Let the hooks in that folder end without an answer, but for those named in `keep`."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name not in keep]
    except OSError:
        return
    for name in names:
        if not name.startswith("."):
            send(folder / name, "")


def _write(pipe: Path, data: bytes) -> bool:
    try:
        # The hook holds its pipe open for reading; without it the kernel refuses (ENXIO).
        where = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return stat.S_ISFIFO(os.fstat(where).st_mode) and _all(where, data)
    finally:
        os.close(where)


def _all(where: int, data: bytes) -> bool:
    end = time.monotonic() + LIMIT_S
    while data:
        try:
            data = data[os.write(where, data) :]
        except OSError as error:
            left = end - time.monotonic()
            if error.errno not in (errno.EAGAIN, errno.EINTR) or left <= 0:
                return False
            select.select([], [where], [], left)
    return True
