"""Folders for a moment: what git writes beside a repository lies there."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from functools import cache

from tmuxagents.drivers.process import known

_PREFIX = "tmuxagents-git-"

OLD_S = 3600.0
"""Seconds without a change after which a folder is left over, if its process is gone too: where two systems share the
place of temporary files, the other's processes cannot be seen."""


@contextlib.contextmanager
def folder() -> Iterator[str]:
    """A folder of one's own, removed afterwards; what a process that was killed has left is removed as well."""
    _sweep_once()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as made:
        yield made


def sweep() -> None:
    """Remove what is left over, of ours alone."""
    top = tempfile.gettempdir()
    with contextlib.suppress(OSError):
        for name in os.listdir(top):
            if name.startswith(_PREFIX) and _is_left_over(os.path.join(top, name)):
                shutil.rmtree(os.path.join(top, name), ignore_errors=True)


@cache
def _sweep_once() -> None:
    sweep()


def _is_left_over(path: str) -> bool:
    pid = os.path.basename(path).removeprefix(_PREFIX).partition("-")[0]
    try:
        found = os.lstat(path)
    except OSError:
        return False
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return ours and pid.isdecimal() and known(int(pid)) is None and time.time() - found.st_mtime > OLD_S
