"""How much room is left where the state is."""

from __future__ import annotations

import os
from pathlib import Path

from tmuxagents.errors import DiskFull, StateDamaged, word

ENOUGH = 1024 * 1024
"""Bytes below which the disk counts as full: a hook's payload or a transaction may need so much."""


def free_bytes(path: Path) -> int:
    """What may still be written: file systems keep a part for root."""
    told = os.statvfs(path)
    return (told.f_bfree if os.geteuid() == 0 else told.f_bavail) * told.f_frsize


def is_full(path: Path) -> bool:
    """Whether what agents and hooks write may be lost."""
    return free_bytes(path) < ENOUGH


def need_room(path: Path) -> None:
    """`DiskFull` when it is: for what could be begun and not be recorded."""
    if is_full(path):
        raise full(path)


def read_only(path: Path | str) -> StateDamaged:
    """The error of a state directory that cannot be written to."""
    return StateDamaged(f"the state directory {word(path)} is on a disk that is read-only", hint=f"df -h {word(path)}")


def full(path: Path | str) -> DiskFull:
    """The error."""
    return DiskFull("no space is left on the disk", hint=f"df -h {word(path)}")
