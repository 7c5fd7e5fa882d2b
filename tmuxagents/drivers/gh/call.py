"""Run `gh`, asked or unasked.

`asked` is what the user would have typed: their variables, in their folder. `unasked` is for the controller: from no
repository, so that nothing that one has configured counts, and killed with what it started when it does not end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping

from tmuxagents.drivers.git import call
from tmuxagents.errors import GhFailed, GhMissing, TimedOut

LIMIT_S = 60.0
"""Seconds after which a `gh` that nobody waits for is killed."""

BACKSTOP_S = 5.0
"""So much later it ends also where whoever started it was killed meanwhile; needs the `timeout` of GNU."""

_CANNOT_RUN = (126, 127)
"""What `timeout` ends with where there is nothing to run."""

_LOGGED_OUT = 4
"""What it ends with where it is not logged in."""

_QUIET: Mapping[str, str] = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1", "LC_ALL": "C"}
_SHOWS = ("GH_DEBUG", "DEBUG", "GH_FORCE_TTY", "CLICOLOR_FORCE", "FORCE_COLOR", "GH_PAGER", "PAGER")


def find() -> str | None:
    """Where it is; None where it is not installed."""
    found = shutil.which("gh")
    return os.path.abspath(found) if found is not None else None


def asked(program: str, folder: str, *words: str) -> str:
    """What it answers in that folder. `GhFailed` has its own words. There is no time limit, ^C ends it."""
    env = {key: value for key, value in call.scrubbed().items() if key not in _SHOWS}
    try:
        done = subprocess.run(
            [program, *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**env, **_QUIET},
            check=False,
        )
    except OSError as error:
        raise _missing(program) from error
    return _answer(words, done.returncode, done.stdout, done.stderr)


def unasked(program: str, env: Mapping[str, str], *words: str, within: float | None = None) -> str:
    """What it answers, in exactly these variables less what leads it elsewhere. `TimedOut` when it was killed."""
    limit = LIMIT_S if within is None else within
    backstop = shutil.which("timeout", path=env.get("PATH"))
    guard = [backstop, "-s", "KILL", f"{limit + BACKSTOP_S:g}"] if backstop is not None else []
    kept = {key: value for key, value in env.items() if not key.startswith("GIT_") and key not in (*_SHOWS, "GH_REPO")}
    # Files, not pipes: what it starts itself may hold those open for ever.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            child = subprocess.Popen(
                [*guard, program, *words],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**kept, **_QUIET},
                start_new_session=True,
            )
        except OSError as error:
            raise _missing(program) from error
        try:
            code = child.wait(limit)
        except subprocess.TimeoutExpired as error:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise TimedOut(f"gh did not answer within {limit:g} s", hint="gh auth status") from error
        if guard and code in _CANNOT_RUN:
            raise _missing(program)
        out.seek(0)
        err.seek(0)
        return _answer(words, code, out.read(), err.read())


def _missing(program: str) -> GhMissing:
    return GhMissing(f"gh cannot be run: '{program}'", hint="gh --version")


def _answer(words: tuple[str, ...], code: int, out: bytes, err: bytes) -> str:
    if code == 0:
        return out.decode("utf-8", "replace")
    rows = [row.strip() for row in err.decode("utf-8", "replace").splitlines() if row.strip()]
    if code == _LOGGED_OUT:
        raise GhFailed("gh is not logged in", hint="gh auth login", code=code)
    reason = rows[0] if rows else f"it ended with {code} and gave no reason"
    asked = " ".join([word for word in words if not word.startswith("--")][:2])
    raise GhFailed(f"gh {asked} refused: {reason[:300]}", hint="gh auth status", code=code)
