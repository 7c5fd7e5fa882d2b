"""Bring a file from one checkout into another: whole or not at all, over nothing, and out of neither."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat

from tmuxagents.drivers import files

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class NotBrought(Exception):
    """Why it is not; the rest goes on without it."""


def copy(source: str, target: str, path: str, *, mark: str) -> bool:
    """Copy what lies at the path: a file, or a link that stays inside. False where something is there already, which
    stays as it is. Until it is whole it has the `mark` behind its name."""
    origin = _inside(source, path)
    if not _room(target, path):
        return False
    place = os.path.join(target, path)
    _sweep(place, mark)
    mode = os.lstat(origin).st_mode
    if stat.S_ISLNK(mode):
        to = os.readlink(origin)
        if os.path.isabs(to):
            raise NotBrought(f"'{path}' is a link to '{to}'")
        os.symlink(to, place)
    elif stat.S_ISREG(mode):
        _copy_file(origin, place, f"{place}.{mark}")
    else:
        raise NotBrought(f"'{path}' is no file")
    return True


def link(source: str, target: str, path: str) -> bool:
    """Have the path lead to the other checkout's. False where something is there already, which stays as it is."""
    origin = _inside(source, path)
    if not os.path.exists(origin):
        raise NotBrought(f"there is no '{path}' to link")
    if not _room(target, path):
        return False
    os.symlink(origin, os.path.join(target, path))
    return True


def take_back(target: str, path: str, *, mark: str) -> None:
    """Delete what was brought, and the folders that are empty then."""
    place = os.path.join(target, path)
    _sweep(place, mark)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place)
    folder = os.path.dirname(path)
    with contextlib.suppress(OSError):
        while folder:
            os.rmdir(os.path.join(target, folder))
            folder = os.path.dirname(folder)


def sweep(target: str, path: str, *, mark: str) -> None:
    """Delete what a copy that was killed has left beside its place."""
    _sweep(os.path.join(target, path), mark)


def _sweep(place: str, mark: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(f"{place}.{mark}")


def _inside(top: str, path: str) -> str:
    """Where it is. Neither a folder on the way nor what a link leads to may be outside."""
    origin = os.path.join(top, path)
    if not all(files.is_within(place, top) for place in (os.path.dirname(origin), origin)):
        raise NotBrought(f"'{path}' leads out of the checkout")
    return origin


def _room(top: str, path: str) -> bool:
    """Whether nothing is there; the folders on the way are made."""
    place = top
    for part in path.split("/")[:-1]:
        place = os.path.join(place, part)
        with contextlib.suppress(FileExistsError):
            os.mkdir(place)
        if not stat.S_ISDIR(os.lstat(place).st_mode):
            raise NotBrought(f"'{os.path.relpath(place, top)}' is in the way of '{path}'")
    return not os.path.lexists(os.path.join(top, path))


def _copy_file(origin: str, place: str, half: str) -> None:
    with os.fdopen(os.open(origin, _READ), "rb") as source:
        about = os.fstat(source.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise NotBrought(f"'{origin}' is no file")
        try:
            with os.fdopen(os.open(half, _MAKE, 0o600), "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
                os.fchmod(file.fileno(), stat.S_IMODE(about.st_mode))
                os.utime(file.fileno(), ns=(about.st_atime_ns, about.st_mtime_ns))
            os.rename(half, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(half)
            raise
