"""Files that appear whole and are nobody else's business."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from tmuxagents import clock


def private_folder(path: Path) -> Path:
    """The folder, made when it is missing, readable by its owner alone whatever the umask."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Replace the file: a reader sees the old content or the new, after a crash too."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    raw = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_from(path: Path, offset: int, limit: int) -> bytes:
    """Up to `limit` bytes from `offset`; empty when the file is missing or ends there."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read(limit)
    except FileNotFoundError:
        return b""


def size(path: Path) -> int:
    """The file's size; 0 when it is missing."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextlib.contextmanager
def locked(path: Path, *, within: float | None = None) -> Iterator[bool]:
    """Hold an exclusive lock on a file; yields False when it was not had within `within` seconds.

    `within=None` waits for ever, 0 tries once. The kernel frees it when we die.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield _lock(descriptor, within)
    finally:
        os.close(descriptor)


def first_data(path: Path) -> int:
    """Where a file's first byte is that was not given back with `punch`; its size when all were."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        return os.lseek(descriptor, 0, os.SEEK_DATA)
    except OSError:
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def _lock(descriptor: int, within: float | None) -> bool:
    if within is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    return clock.eventually(lambda: _try_lock(descriptor) or None, within=within, every=0.01) is not None


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def disk_bytes(path: Path) -> int:
    """How much of the disk the file takes, holes not counted; 0 when it is missing."""
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0


def punch(path: Path, end: int) -> bool:
    """Give back the disk under the first `end` bytes; sizes and offsets stay. False where the system
    or the file system cannot."""
    import ctypes
    import sys

    if sys.platform != "linux" or end <= 0:
        return False
    keep_size, punch_hole = 1, 2
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        arguments = (ctypes.c_int(keep_size | punch_hole), ctypes.c_int64(0), ctypes.c_int64(end))
        return int(libc.fallocate64(descriptor, *arguments)) == 0
    finally:
        os.close(descriptor)
