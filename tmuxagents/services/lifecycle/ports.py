"""A port for each agent with a worktree of its own, so that what they serve is in nobody's way."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from tmuxagents.drivers import ports
from tmuxagents.errors import TmuxagentsError

FIRST, LAST = 20_000, 29_999
"""Below those that the system gives to whoever connects (32768 on Linux, 49152 elsewhere)."""


def give(state: Path, taken: Collection[int], *, kept: int | None = None) -> int:
    """A free port that is not taken; the one that was `kept` where that can be.

    Asked inside a transaction, unlike anything else that is outside: a look takes ten microseconds."""
    found = next((port for port in _tried(state, kept) if port not in taken and ports.is_free(port)), None)
    if found is None:
        raise TmuxagentsError(f"no port from {FIRST} to {LAST} is free", hint="ss -ltn")
    return found


def _tried(state: Path, kept: int | None) -> Iterator[int]:
    """In an order of the fleet's own: another one on this machine begins elsewhere."""
    if kept is not None:
        yield kept
    count = LAST - FIRST + 1
    begin = zlib.crc32(str(state).encode(errors="surrogateescape")) % (count // 100) * 100
    yield from (FIRST + (begin + number) % count for number in range(count))
