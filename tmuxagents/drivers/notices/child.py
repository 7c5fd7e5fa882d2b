"""Run a program that is given what there is to tell, within a time limit, as a group of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from tmuxagents.drivers.notices.outcome import LIMIT_S, Outcome


def run(argv: Sequence[str], stdin: bytes = b"", *, env: Mapping[str, str] | None = None) -> Outcome:
    """Wait for it; killed with its group when it takes too long."""
    return _run(argv, stdin, env, LIMIT_S, left=None)


def start(argv: Sequence[str], *, env: Mapping[str, str], within: float) -> Outcome:
    """Like `run`, but one that is still there after `within` seconds waits for the person, and is left to it."""
    return _run(argv, b"", env, within, left="it waits for you there")


def _run(
    argv: Sequence[str], stdin: bytes, env: Mapping[str, str] | None, within: float, *, left: str | None
) -> Outcome:
    # Files, not pipes: what it starts itself may hold those open for ever.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stdin)
        given.seek(0)
        try:
            child = subprocess.Popen(
                list(argv),
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=None if env is None else dict(env),
                start_new_session=True,
            )
        except OSError as error:
            return Outcome(False, f"'{argv[0]}' cannot be run: {error.strerror}")
        try:
            code = child.wait(within)
        except subprocess.TimeoutExpired:
            if left is not None:
                return Outcome(True, left)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return Outcome(False, f"'{argv[0]}' did not end within {within:g} s", again=True)
        if code == 0:
            return Outcome(True, f"'{argv[0]}' ended with 0")
        return Outcome(False, f"'{argv[0]}' ended with {code}{_last(said)}", again=True)


def _last(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read(4096).decode("utf-8", "replace").split("\n")
    words = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {words[:200]}" if words else ""
