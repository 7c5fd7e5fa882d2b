"""What was entered in this chat and what became of it, in a file: a chat that is killed leaves it to the next one.

Of a text nothing else is on the disk between its Enter and the agent's own word. The file is written before the line is
empty, so whatever ends the chat (SIGKILL, a full memory, a connection that drops) the text is in it. It is never sent
from here: between the last row of the file and the end of the chat anything may have been done, and twice is worse.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.chat import unfinished
from tmuxagents.chat.sending import Sending
from tmuxagents.drivers import files

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Ledger:
    """For every thread. `printed` says how many batches of rows are on the screen. Without a folder nothing is kept. A
    full disk is no reason not to talk."""

    def __init__(self, folder: Path | None, printed: Callable[[], int]) -> None:
        self._folder, self._printed = folder, printed
        self._lock = threading.Lock()
        self._file: tuple[int, Path] | None = None
        self._open = set[str]()
        self._batch = 0

    def begin(self, entered: Sequence[tuple[str, Sending]], *, mark: int | None = None) -> None:
        """These were entered, by one line: all are written at once. `mark`: they are begun as well."""
        rows = [{"key": key, "to": one.to, "name": one.name, "text": one.text} for key, one in entered]
        with self._lock, contextlib.suppress(OSError):
            anew = not self._open and self._batch <= self._printed()
            self._open.update(key for key, _ in entered)
            self._write([row if mark is None else {**row, "mark": mark} for row in rows], anew=anew)

    def tried(self, key: str, mark: int) -> None:
        """From now on it may be at the agent. On the disk before anything is done: after a power cut nothing is called
        not sent that was."""
        with contextlib.suppress(OSError):
            with self._lock:
                self._write([{"key": key, "mark": mark}])
                file = self._file
            if file is not None:
                os.fsync(file[0])

    def ended(self, key: str, word: str, why: str, batch: int) -> None:
        """What became of it, which that batch of rows tells."""
        with self._lock, contextlib.suppress(OSError):
            self._open.discard(key)
            self._batch = max(self._batch, batch)
            self._write([{"key": key, "word": word, "why": why}])

    def close(self, *, told: bool) -> None:
        """The chat ends. `told`: all that is in it stands on the screen, and the next chat has nothing to tell."""
        with self._lock, contextlib.suppress(OSError):
            if self._file is not None:
                descriptor, path = self._file
                self._file, self._folder = None, None
                if told or not unfinished.read(files.read_whole(path)):
                    path.unlink()
                os.close(descriptor)

    def _write(self, rows: Sequence[Mapping[str, object]], *, anew: bool = False) -> None:
        if self._file is None and self._folder is not None:
            self._file = _made(self._folder)
        if self._file is None:
            return
        if anew:
            # A chat may be open for weeks.
            os.ftruncate(self._file[0], 0)
        # A full disk may have taken half of the row before.
        os.write(self._file[0], "".join(f"\n{json.dumps(row)}\n" for row in rows).encode())


def _made(folder: Path) -> tuple[int, Path]:
    """A file that nobody has, locked for as long as this process lives."""
    files.private_folder(folder)
    while True:
        path = folder / f"{clock.now_ns()}-{os.getpid()}.jsonl"
        descriptor = files.private(path, _OPEN)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Another chat may have taken it for one that was left, and away, right before it was locked.
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor, path
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)


@contextlib.contextmanager
def left(folder: Path) -> Iterator[list[bytes]]:
    """What chats have left that are no more. It is taken away at the end, if nothing was raised: told twice is better
    than not at all."""
    with contextlib.ExitStack() as stack:
        found = {path: stack.enter_context(_of_the_dead(path)) for path in sorted(folder.glob("*.jsonl"))}
        dead = {path: raw for path, raw in found.items() if raw is not None}
        yield list(dead.values())
        for path in dead:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _of_the_dead(path: Path) -> Iterator[bytes | None]:
    """What it holds, and nobody else takes it meanwhile; None where its chat lives, or another chat has it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield None
        return
    try:
        yield _read(descriptor, path)
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: Path) -> bytes | None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return files.read_whole(path)
    except OSError:
        return None
