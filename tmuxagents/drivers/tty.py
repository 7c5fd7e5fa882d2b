"""What waits in a terminal to be read by the program that runs there."""

from __future__ import annotations

import os
import sys

from tmuxagents.drivers import process


def mine() -> str | None:
    """The terminal that this process reads or writes, as `who` names it; None where it has none."""
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor).removeprefix("/dev/")
        except OSError:
            continue
    return None


def is_controlled_by(path: str) -> bool:
    """Whether that terminal is the one that this process belongs to, whatever it reads and writes."""
    if sys.platform != "linux":
        import psutil

        try:
            return psutil.Process().terminal() == path
        except psutil.Error:
            return False
    # proc(5): the minor number is in the bits 31 to 20 and 7 to 0, the major in 15 to 8.
    number = process.stat_number(os.getpid(), 4)
    try:
        device = os.stat(path).st_rdev
    except OSError:
        return False
    ours = (number >> 8 & 0xFFF, number & 0xFF | number >> 12 & 0xFFF00)
    return number != 0 and ours == (os.major(device), os.minor(device))


def has_unread(path: str) -> bool:
    """Whether the terminal holds something typed that its program has not read; False where that cannot be told.

    The kernel counts it (FIONREAD); of a terminal that it edits itself, whole lines. A program that is suspended,
    or hangs, leaves there whatever it is sent, and reads it as one piece later (2.1.197 and 2.1.330).
    """
    import fcntl
    import termios

    try:
        # Neither to become its session's terminal, nor to wait for a carrier.
        terminal = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Of a file the same call tells its size.
        return os.isatty(terminal) and fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)) != bytes(4)
    except OSError:
        return False
    finally:
        os.close(terminal)
