"""Have the three standard streams, also where whoever called us has closed one, or does not read it."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

_KEPT = 4096


class Answer(io.FileIO):
    """Standard output that remembers what it did not take. A command that does something `goes_on` then: what it
    has begun is not left half done because nobody reads what it says."""

    def __init__(self, *, goes_on: bool) -> None:
        super().__init__(1, "w", closefd=False)
        self.goes_on = goes_on
        self.failed: OSError | None = None
        self.lost = b""

    def write(self, raw: Any, /) -> int:
        """As a file's; what follows on a failure goes nowhere."""
        if self.failed is None or not self.goes_on:
            try:
                return super().write(raw)
            except OSError as error:
                self.failed = error
                if not self.goes_on:
                    raise
        self.lost = (self.lost + bytes(raw))[:_KEPT]
        return len(raw)


class _Aside(io.FileIO):
    """Standard error: what is told beside the answer is nothing that a command fails by."""

    def write(self, raw: Any, /) -> int:
        try:
            return super().write(raw)
        except OSError:
            return len(raw)


def guard(*, goes_on: bool) -> Answer:
    """Have both outputs so until `release`."""
    answer = Answer(goes_on=goes_on)
    sys.stdout = _text(answer, sys.stdout)
    sys.stderr = _text(_Aside(2, "w", closefd=False), sys.stderr)
    return answer


def release(before: Sequence[Any]) -> None:
    """Have them as they were; what is not written yet is."""
    for guarded in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            guarded.flush()
    sys.stdout, sys.stderr = before


def _text(raw: io.FileIO, as_before: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=as_before.encoding,
        errors=as_before.errors,
        # `python -u` writes through; what a program says by the line does.
        line_buffering=as_before.line_buffering or as_before.write_through,
    )


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
