"""Sleep until a file that matters changes.

On Linux the kernel says so (inotify through `inotify_simple`, which is one typed-enough file
over libc; watchfiles batches for 50 ms and watches whole trees, too slow and too wide for
single transcripts). Elsewhere a look at sizes and times every 0.2 s stands in.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol

BULK_S = 0.1
"""A hundred terminals make some thousand changes a second; each told alone would be a wake-up."""

_REST, _LONGEST_S = 3, 0.5
"""The next changes are told after so many times what the last ones took of the processor (a hundred
terminals at 200 lines a second: a third of a core instead of two thirds), at most after half a second."""

_Kind = type[BaseException] | None
_Error = BaseException | None
_Trace = TracebackType | None


class Wake(Protocol):
    """Watches paths; a missing path may be watched again later."""

    def watch(self, path: Path, *, bulk: bool = False) -> bool:
        """Watch a file or a folder's entries; False when it is not there yet.

        A `bulk` file is written all the time: its changes are told at once after a rest, and then
        together with those of the others, every `BULK_S`.
        """

    def forget(self, path: Path) -> None:
        """Stop watching it."""

    def wait(self, timeout: float | None) -> set[Path]:
        """The watched paths that changed, at once when some did; empty after `timeout` seconds or a poke."""

    def poke(self) -> None:
        """End the wait that is on, or the next one. Any thread may."""

    def __enter__(self) -> Wake:
        """Open."""

    def __exit__(self, kind: _Kind, error: _Error, trace: _Trace, /) -> None:
        """Close."""


def open_wake() -> Wake:
    """The best that this system has, and has left: a user has 128 queues of the kernel on most machines, and an
    editor or a synchroniser takes many."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return Kernel()
    return Looking()


class Kernel:
    """inotify."""

    def __init__(self) -> None:
        self._poked, self._poke = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self._prompt = _Queue()
        except OSError:
            os.close(self._poked)
            os.close(self._poke)
            raise
        # Made for the first that is watched so: most watch none.
        self._bulk: _Queue | None = None
        self._told_at, self._told_cpu = 0.0, 0.0

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, kind: _Kind, error: _Error, trace: _Trace, /) -> None:
        for queue in self._queues:
            queue.close()
        poke, self._poke = self._poke, -1
        os.close(poke)
        os.close(self._poked)

    def watch(self, path: Path, *, bulk: bool = False) -> bool:
        if bulk and self._bulk is None:
            # Where there is none left it is told as the others are.
            with contextlib.suppress(OSError):
                self._bulk = _Queue()
        return (self._bulk if bulk and self._bulk is not None else self._prompt).watch(path)

    def forget(self, path: Path) -> None:
        for queue in self._queues:
            queue.forget(path)

    @property
    def _queues(self) -> list[_Queue]:
        return [self._prompt] if self._bulk is None else [self._prompt, self._bulk]

    def wait(self, timeout: float | None) -> set[Path]:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            now = time.monotonic()
            left = None if end is None else max(0.0, end - now)
            muted = self._muted(now)
            queues = [self._prompt] if muted is None or muted > 0 else self._queues
            pause = min((limit for limit in (left, muted or None) if limit is not None), default=None)
            listened: list[int | _Queue] = [self._poked, *queues]
            ready, _, _ = select.select(listened, [], [], pause)
            changed = {path for queue in queues if queue in ready for path in queue.changed()}
            if self._bulk is not None and self._bulk in ready:
                self._told_at, self._told_cpu = time.monotonic(), time.process_time()
            if self._poked in ready:
                os.read(self._poked, 4096)
                return changed
            if changed or (left is not None and left <= (pause or 0.0)):
                return changed

    def poke(self) -> None:
        # Full of pokes that were not heard yet, or closed: there is nothing more to say.
        with contextlib.suppress(OSError):
            os.write(self._poke, b"1")

    def _muted(self, now: float) -> float | None:
        """How long no bulk file is listened to; None when there is none."""
        if self._bulk is None or not self._bulk.used:
            return None
        rest = _REST * (time.process_time() - self._told_cpu) if self._told_at else 0.0
        return max(0.0, self._told_at + max(BULK_S, min(_LONGEST_S, rest)) - now)


class _Queue:
    """One queue of the kernel's, and what is watched through it."""

    def __init__(self) -> None:
        from inotify_simple import INotify, flags

        self._inotify = INotify(nonblocking=True)
        ends = flags.DELETE_SELF | flags.MOVE_SELF
        self._file = flags.MODIFY | flags.ATTRIB | ends
        # Of a folder only its entries: asked for more, it would tell of every byte that is added to one of them.
        self._folder = flags.CREATE | flags.MOVED_TO | ends
        self._overflow = flags.Q_OVERFLOW
        self._gone = flags.IGNORED | flags.DELETE_SELF | flags.MOVE_SELF
        self._paths: dict[int, Path] = {}
        self._ids: dict[Path, int] = {}

    @property
    def used(self) -> bool:
        """Whether anything is watched."""
        return bool(self._ids)

    def fileno(self) -> int:
        """What `select` waits for."""
        return int(self._inotify.fileno())

    def close(self) -> None:
        self._inotify.close()

    def watch(self, path: Path) -> bool:
        if path in self._ids:
            return True
        try:
            mask = self._folder if path.is_dir() else self._file
            wd = self._inotify.add_watch(os.fspath(path), mask)
        except OSError:
            return False
        self._ids[path], self._paths[wd] = wd, path
        return True

    def forget(self, path: Path) -> None:
        wd = self._ids.pop(path, None)
        if wd is not None:
            self._paths.pop(wd, None)
            try:
                self._inotify.rm_watch(wd)
            except OSError:
                return

    def changed(self) -> set[Path]:
        """What has changed since the last question."""
        changed: set[Path] = set()
        for event in self._inotify.read(timeout=0):
            if event.mask & self._overflow:
                # The kernel has dropped events (16,384 were waiting): anything may have changed.
                changed |= set(self._ids)
                continue
            path = self._paths.get(event.wd)
            if path is None:
                continue
            changed.add(path)
            if event.mask & self._gone:
                self._paths.pop(event.wd, None)
                self._ids.pop(path, None)
        return changed


class Looking:
    """Sizes and times, for systems without inotify."""

    EVERY = 0.2

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[int, int]] = {}
        self._poked = threading.Event()

    def __enter__(self) -> Looking:
        return self

    def __exit__(self, kind: _Kind, error: _Error, trace: _Trace, /) -> None:
        return None

    def watch(self, path: Path, *, bulk: bool = False) -> bool:
        if path not in self._seen:
            look = _look(path)
            if look is None:
                return False
            self._seen[path] = look
        return True

    def forget(self, path: Path) -> None:
        self._seen.pop(path, None)

    def wait(self, timeout: float | None) -> set[Path]:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            changed = self._changed(list(self._seen))
            left = None if end is None else end - time.monotonic()
            if changed or (left is not None and left <= 0) or self._poked.is_set():
                self._poked.clear()
                return changed
            self._poked.wait(self.EVERY if left is None else min(self.EVERY, left))

    def poke(self) -> None:
        self._poked.set()

    def _changed(self, paths: Iterable[Path]) -> set[Path]:
        changed: set[Path] = set()
        for path in paths:
            look = _look(path)
            if look != self._seen[path]:
                changed.add(path)
                if look is None:
                    self._seen.pop(path)
                else:
                    self._seen[path] = look
        return changed


def _look(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
