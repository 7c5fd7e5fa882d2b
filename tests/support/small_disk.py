"""A state directory on a small disk of its own, which is soon full."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.fleet import Fleet


@contextlib.contextmanager
def mounted(fleet: Fleet) -> Iterator[Fleet]:
    """The fleet while its state is there; it is ended before the disk goes."""
    fleet.state.mkdir(mode=0o700, exist_ok=True)
    argv = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", str(fleet.state)]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield fleet
    finally:
        (fleet.state / "filler").unlink(missing_ok=True)
        fleet.end()
        subprocess.run(["umount", "-l", str(fleet.state)], check=True)
