"""The time: UTC nanoseconds for records, monotonic seconds for waiting, and waiting for a fact."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SECOND = 1_000_000_000


def now_ns() -> int:
    """This moment in UTC nanoseconds, for records."""
    return time.time_ns()


def monotonic() -> float:
    """Seconds that never go backwards, for durations."""
    return time.monotonic()


def eventually(ask: Callable[[], T | None], *, within: float, every: float = 0.02) -> T | None:
    """The first answer of `ask` that is not None, or None when there was none in time.

    For facts the kernel does not announce (a screen, a process of somebody else).
    """
    end = monotonic() + within
    while True:
        answer = ask()
        if answer is not None or monotonic() >= end:
            return answer
        time.sleep(every)


def rfc3339(ns: int | None) -> str | None:
    """The moment as RFC 3339 in UTC with milliseconds; None stays None."""
    if ns is None:
        return None
    seconds, rest = divmod(ns, SECOND)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest // 1_000_000:03d}Z"


def local_hms(ns: int) -> str:
    """The moment as the reader's wall clock shows it."""
    return time.strftime("%H:%M:%S", time.localtime(ns / SECOND))


def ago(ns: int, now: int) -> str:
    """How long ago, in the largest unit that is not zero: `12s`, `5m`, `3h`, `2d`."""
    seconds = max(0, (now - ns) // SECOND)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def duration(text: str, *, most: float = 10**9) -> float:
    """Seconds, less than `most`, from `90`, `90s`, `15m`, `2h` or `1d`; ValueError for anything else."""
    unit = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}.get(text[-1:])
    seconds = float(text[:-1]) * unit if unit else float(text)
    if not 0 <= seconds < most:
        raise ValueError(text)
    return seconds


def moment(text: str) -> int:
    """UTC nanoseconds of an ISO 8601 date and time, local where no zone is given; ValueError for anything else."""
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(text).timestamp()) * SECOND
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error
