"""Files that appear whole and are nobody else's business.

Every file in a state directory is opened here or with what is here. Modes are set, not left to the
umask: under 0377 a file of one's own could not be opened again. A symbolic link is never followed:
it would have us read, or change, what is not ours.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from _thread import get_native_id
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.errors import LinkFound, word

# Not blocking: a FIFO that nobody writes to would hold us for ever.
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


def private_folder(path: Path, *, link: bool = False, above: bool = False) -> Path:
    """The folder, made when it is missing, its owner's alone whatever the umask. Those above it are made only where
    that is said: within a state directory that was taken away nothing is made.

    `LinkFound` when it is a symbolic link, unless `link` says that it may be one.
    """
    if not link:
        refuse_link(path)
    _make(path, above=above)
    if path.stat().st_mode & 0o777 != 0o700:
        path.chmod(0o700)
    return path


def _make(path: Path, *, above: bool) -> None:
    if path.is_dir():
        return
    if above and path.parent != path:
        _make(path.parent, above=True)
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)


def refuse_link(path: Path) -> None:
    """`LinkFound` when the path is a symbolic link."""
    if path.is_symlink():
        raise LinkFound(f"'{path}' is a symbolic link, which is not followed", hint=f"rm {word(path)}")


def refuse_links(folder: Path) -> None:
    """`LinkFound` when anything in the folder is a symbolic link; a missing folder has none."""
    try:
        with os.scandir(folder) as entries:
            links = sorted(entry.path for entry in entries if entry.is_symlink())
    except FileNotFoundError:
        return
    for path in links[:1]:
        refuse_link(Path(path))


def is_linked(folder: Path) -> bool:
    """Whether the folder, or the one that it is in, is a symbolic link."""
    return folder.is_symlink() or folder.parent.is_symlink()


def is_within(place: str, top: str) -> bool:
    """Whether the one is the other or somewhere in it, links followed."""
    return f"{os.path.realpath(place)}/".startswith(f"{os.path.realpath(top).rstrip('/')}/")


def exists(path: Path) -> bool:
    """Whether there is such a file; a link is none."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Replace the file: a reader sees the old content or the new, after a crash too."""
    # Each thread has one of its own: the controller writes beside its loop.
    temporary = path.with_name(f".{path.name}.{get_native_id()}")
    raw = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    descriptor = os.open(temporary, _WRITE | os.O_TRUNC, mode)
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


def append(path: Path, text: str) -> None:
    """Add to the file, which is made when it is missing."""
    with os.fdopen(private(path, _WRITE | os.O_APPEND), "a", errors="replace") as file:
        file.write(text)


def write_over(path: Path, text: str) -> None:
    """Write at the file's start, in place: a file that is there already needs no room on the disk. Always
    the same number of bytes, or what stood there before shines through."""
    descriptor = private(path, _WRITE)
    try:
        os.pwrite(descriptor, text.encode(), 0)
    finally:
        os.close(descriptor)


def touch(path: Path) -> None:
    """Set the file's time to now; it is made when it is missing."""
    descriptor = private(path, _WRITE)
    try:
        os.utime(descriptor)
    finally:
        os.close(descriptor)


def read_whole(path: Path | str) -> bytes:
    """The file's content; OSError when it is missing, or a link, or no file."""
    return _read(path, 0, -1, _READ | os.O_NOFOLLOW)


def read_from(path: Path, offset: int, limit: int) -> bytes:
    """Up to `limit` bytes from `offset`; empty when the file is missing, a link, or ends there."""
    try:
        return _read(path, offset, limit, _READ | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in _NOTHING:
            return b""
        raise


def read_start(path: str, limit: int) -> bytes:
    """The first `limit` bytes of a file that is somebody else's, links followed; OSError when it is no file.

    What a repository holds is read so: a FIFO, a device and a file of any size cost nothing.
    """
    # Looked at first: a device may act when it is opened.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.ENXIO, "is no file", path)
    return _read(Path(path), 0, limit, _READ)


def size(path: Path) -> int:
    """The file's size; 0 when it is missing, or a link."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


_NOTHING = (errno.ENOENT, errno.ELOOP, errno.ENXIO)


def holds(path: Path, signs: Sequence[bytes]) -> bool:
    """Whether there is such a file that holds one of these byte strings; without any, whether there is one."""
    if not exists(path) or not signs:
        return exists(path)
    kept, offset = b"", 0
    while chunk := read_from(path, offset, 1 << 20):
        if any(sign in kept + chunk for sign in signs):
            return True
        kept, offset = chunk[-64:], offset + len(chunk)
    return False


def _read(path: Path | str, offset: int, limit: int, flags: int) -> bytes:
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.ENXIO, "is no file", str(path))
        file.seek(offset)
        # None where reading would have to wait: /proc has files that are regular and do that.
        return file.read(limit) or b""


def private(path: Path, flags: int) -> int:
    """Open a file of ours, 0600 whatever the umask."""
    descriptor = os.open(path, flags, 0o600)
    if os.fstat(descriptor).st_mode & 0o777 != 0o600:
        os.fchmod(descriptor, 0o600)
    return descriptor


@contextlib.contextmanager
def locked(path: Path, *, within: float | None = None, give_up: Callable[[], bool] | None = None) -> Iterator[bool]:
    """Hold an exclusive lock on a file; yields False when it was not had within `within` seconds.

    `within=None` waits for ever, 0 tries once. `give_up` is asked four times a second whether there is any use
    in waiting. The kernel frees it when we die. Who holds it notes its pid in the file (`holder`).
    """
    descriptor = private(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        had = _lock(descriptor, within, give_up)
        if had:
            # A full disk has no room for it.
            with contextlib.suppress(OSError):
                os.pwrite(descriptor, f"{os.getpid():<19}\n".encode(), 0)
        yield had
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked_folder(folder: Path, *, within: float, shared: bool = False) -> Iterator[bool]:
    """Hold a lock on a folder that is not ours alone, and leave nothing in it; False when it was not had. It is
    exclusive, or held with others that share it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield _lock(descriptor, within, None, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The pid of who had the lock last, which is who has it where somebody does; None when nobody told."""
    said = read_from(path, 0, 64).strip()
    return int(said) if said.isdigit() else None


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


def _lock(descriptor: int, within: float | None, give_up: Callable[[], bool] | None, how: int = fcntl.LOCK_EX) -> bool:
    if within is None:
        fcntl.flock(descriptor, how)
        return True
    ask_at = clock.monotonic() + 0.25

    def tried() -> bool | None:
        nonlocal ask_at
        if _try_lock(descriptor, how):
            return True
        if give_up is None or clock.monotonic() < ask_at:
            return None
        ask_at = clock.monotonic() + 0.25
        return False if give_up() else None

    return clock.eventually(tried, within=within, every=0.01) is True


def _try_lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def disk_bytes(path: Path) -> int:
    """How much of the disk the file takes, holes not counted; 0 when it is missing."""
    try:
        return path.lstat().st_blocks * 512
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
