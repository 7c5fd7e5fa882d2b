"""Have the three standard streams, also where whoever called us has closed one."""

from __future__ import annotations

import errno
import os
import sys


def stand_in() -> bool:
    """Put /dev/null in the place of each that is closed; whether somebody can read the answer.

    Without it the next file that is opened would get its number, and a child of ours would write into that.
    """
    heard = sys.stdout is not None and _can_be_written_to(1)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            silence(number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))
    if not heard:
        silence(1)
    return heard


def _can_be_written_to(number: int) -> bool:
    try:
        os.write(number, b"")
    except OSError as error:
        # Open for reading only: `1</dev/null`. What else is wrong with it is told when it is written to.
        return error.errno != errno.EBADF
    return True


def silence(number: int) -> None:
    """What is written to that stream from now on, or is written already and not flushed, goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, number)
    if null != number:
        os.close(null)
