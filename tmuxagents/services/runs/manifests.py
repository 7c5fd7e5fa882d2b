"""Read a manifest and what it names: the one place where its files are touched."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from tmuxagents.errors import ManifestInvalid, word
from tmuxagents.kinds import registry
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.runs import manifest

STDIN = "-"

_HANDED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""What a shell hands over without a file: `/dev/stdin`, and the `/dev/fd/63` of `<(command)`."""


def read(path: str, files: dict[str, bytes] | None = None, *, there: Sequence[Task] = ()) -> Manifest:
    """The manifest in that file, on standard input for `-`, or in a pipe of the shell's; `ManifestInvalid` says what is
    wrong with it.

    What it names is relative to its folder; without one to the one that the command was typed in. `files` gets
    what was read, by its path. `there` are the tasks of a live run that it is added to: it may use them."""
    kept = files if files is not None else {}

    def fetch(wanted: str) -> bytes:
        kept[wanted] = content(wanted)
        return kept[wanted]

    if is_handed(path):
        data = _handed(path)
        return manifest.read(data, "stdin", base=os.getcwd(), fetch=fetch, kinds=registry.NAMES, there=there)
    base = str(folder_of(path))
    try:
        data = fetch(os.path.expanduser(path))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        folder = Path(base) if Path(base).is_dir() else Path.cwd()
        raise ManifestInvalid(f"cannot read '{path[:200]}': {why}", hint=f"ls -l {word(folder)}") from error
    return manifest.read(data, path, base=base, fetch=fetch, kinds=registry.NAMES, there=there)


def is_handed(path: str) -> bool:
    """Whether it is no file that lies somewhere: standard input, or a pipe of the shell's."""
    return path == STDIN or path.startswith(_HANDED)


def _handed(path: str) -> bytes:
    if path in (STDIN, "/dev/stdin"):
        return sys.stdin.buffer.read(manifest.LARGEST + 1)
    try:
        with open(path, "rb") as pipe:
            return pipe.read(manifest.LARGEST + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ManifestInvalid(f"cannot read '{path[:200]}': {why}", hint="tmuxagents run --help") from error


def folder_of(path: str) -> Path:
    """What a manifest's paths, and where its tasks work, are relative to."""
    # Also where its links lead in a ring: then there is nothing to read, which is told.
    return Path.cwd() if is_handed(path) else Path(os.path.realpath(os.path.expanduser(path))).parent


def content(path: str) -> bytes:
    """The first bytes of a file, one more than a manifest may have; OSError for what is no file, such as a pipe, which
    would be waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(0, "is a directory" if stat.S_ISDIR(mode) else "is not a file", path)
        return file.read(manifest.LARGEST + 1)
