"""The settings that lie in a repository, read only where they are the user's own file in the user's own folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tmuxagents.drivers.git import checkout
from tmuxagents.errors import ConfigInvalid, TmuxagentsError, word
from tmuxagents.value import Value

NAME = ".tmuxagents.toml"
LONGEST = 64 * 1024
"""Bytes that such a file may have."""

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


class RepositoryFile(Value):
    """Where it is, and exactly what it holds."""

    path: Path
    raw: bytes


def find(folder: Path) -> RepositoryFile | None:
    """The file of the repository that the folder is in; None without one. `ConfigInvalid` when it is refused."""
    top = checkout.top(folder)
    if top is None:
        return None
    path = top / NAME
    if not os.path.lexists(path):
        return None
    try:
        return RepositoryFile(path, _read(path, top))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigInvalid(f"'{path}' cannot be read: {reason}", hint=f"ls -l {word(path)}") from error


def one(path: Path) -> RepositoryFile:
    """Another file of a repository, without links on the way to it; `ConfigInvalid` when it is refused."""
    real = Path(os.path.realpath(path))
    try:
        top = checkout.top(real.parent) or real.parent
        return RepositoryFile(real, _read(real, Path(os.path.realpath(top))))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigInvalid(f"'{path}' cannot be read: {reason}", hint=f"ls -l {word(path)}") from error


def is_brought(path: Path) -> bool:
    """Whether the repository that the file is in has it in its last commit: then whoever wrote that wrote it."""
    from tmuxagents.drivers.git import call

    real = Path(os.path.realpath(path))
    top = checkout.top(real.parent)
    if top is None:
        return False
    name = os.path.relpath(real, os.path.realpath(top))
    try:
        return bool(call.unasked(str(top), "ls-tree", "--name-only", "HEAD", "--", name).strip())
    except TmuxagentsError:
        # There is no commit yet.
        return False


def _read(path: Path, top: Path) -> bytes:
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(top):
        raise ConfigInvalid(f"'{path}' is a link that leads out of the repository", hint=f"ls -l {word(path)}")
    # Looked at first: a device may act when it is opened.
    if not stat.S_ISREG(os.lstat(real).st_mode):
        raise ConfigInvalid(f"'{path}' is no file", hint=f"ls -l {word(path)}")
    descriptor = os.open(real, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        _refuse(os.fstat(descriptor), top.stat(), path)
        raw = file.read(LONGEST + 1) or b""
    if len(raw) > LONGEST:
        raise ConfigInvalid(f"'{path}' is larger than {LONGEST // 1024} KiB", hint=f"ls -l {word(path)}")
    return raw


def _refuse(file: os.stat_result, top: os.stat_result, path: Path) -> None:
    """As git does without `safe.directory`: who owns the folder could put another file there at any time."""
    if not stat.S_ISREG(file.st_mode):
        raise ConfigInvalid(f"'{path}' is no file", hint=f"ls -l {word(path)}")
    if file.st_uid != os.geteuid():
        raise ConfigInvalid(f"'{path}' belongs to another user", hint=f"ls -l {word(path)}")
    if top.st_uid != os.geteuid():
        raise ConfigInvalid(f"'{path.parent}' belongs to another user", hint=f"ls -ld {word(path.parent)}")
