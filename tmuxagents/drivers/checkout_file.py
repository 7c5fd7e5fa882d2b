"""A file in somebody's checkout, replaced whole where it is still what we know, and never through a link."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator

from tmuxagents.errors import LinkFound, word

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST = 4 << 20


def replace(top: str, folder: str, name: str, content: bytes, *, known: Callable[[bytes], bool]) -> bool:
    """Have `content` in that file of that folder below `top`; False, and nothing is changed, where a file is there
    that is not `known`. `LinkFound` where the folder or the file is a symbolic link, or no folder or file at all."""
    with _folder(top, folder) as within:
        found = _read(within, top, folder, name)
        if found is not None and not known(found):
            return False
        if found != content:
            _write(within, name, content)
        return True


@contextlib.contextmanager
def _folder(top: str, folder: str) -> Iterator[int]:
    above = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, dir_fd=above)
        try:
            within = os.open(folder, _FOLDER, dir_fd=above)
        except OSError as error:
            raise _other(os.path.join(top, folder)) from error
    finally:
        os.close(above)
    try:
        yield within
    finally:
        os.close(within)


def _other(path: str) -> LinkFound:
    return LinkFound(f"'{path}' is a symbolic link or no folder or file of that kind", hint=f"ls -ld {word(path)}")


def _read(within: int, top: str, folder: str, name: str) -> bytes | None:
    """What it holds, as far as we would write; None where it is not there."""
    try:
        # Looked at first: what is no file may wait for ever, or act, when it is opened.
        there = os.stat(name, dir_fd=within, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(there.st_mode):
        raise _other(os.path.join(top, folder, name))
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, dir_fd=within), "rb") as file:
        return file.read(_MOST)


def _write(within: int, name: str, content: bytes) -> None:
    temporary = f".{name}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=within)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o666, dir_fd=within), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, name, src_dir_fd=within, dst_dir_fd=within)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=within)
        raise
