"""A scope of its own for the tmux server, so that a logout does not end the agents.

logind puts everything that a login starts into one cgroup, `session-N.scope`, and where
`KillUserProcesses=yes` is set kills it with the login: `nohup`, `setsid` and being a daemon do not
help. `systemd-run --user --scope` asks the user's own manager for another cgroup, moves itself there
and becomes the program, with the environment it was given. The manager ends with the user's last
login, unless `loginctl enable-linger` lets it stay.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from tmuxagents.drivers import process

LIMIT = 2.0
"""Seconds that a manager may take. A running one takes some 20 ms, a broken bus hangs."""

Place = Literal["session", "manager", "elsewhere"]

_SESSION = re.compile(r"/session-[^/\n]+\.scope(/|$)", re.MULTILINE)
_MANAGER = re.compile(r"/user@\d+\.service(/|$)", re.MULTILINE)


def place(pid: int | Literal["self"] = "self") -> Place:
    """Whose cgroup a process is in: a login session's, the user manager's, or neither's."""
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return "elsewhere"
    if _SESSION.search(groups):
        return "session"
    return "manager" if _MANAGER.search(groups) else "elsewhere"


def lingers() -> bool:
    """Whether the user's manager stays when nobody is logged in."""
    return Path(f"/var/lib/systemd/linger/{user()}").exists()


def user() -> str:
    """The user's name, as loginctl takes it."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def words(key: Path, env: Mapping[str, str]) -> tuple[list[str], dict[str, str]] | None:
    """What to put before a command so that it runs in a scope of its own, and the environment to run
    that with; the command itself gets `env`. `key` tells one fleet's unit from another's. None where
    there is no systemd-run."""
    import hashlib

    if process.on_path("systemd-run", env.get("PATH")) is None:
        return None
    unit = f"tmuxagents-{hashlib.sha256(os.fsencode(key)).hexdigest()[:12]}-{os.getpid()}"
    run = ["systemd-run", "--user", "--scope", "--quiet", "--collect", f"--unit={unit}", "--"]
    runtime = Path(f"/run/user/{os.getuid()}")
    if "XDG_RUNTIME_DIR" not in env and runtime.is_dir():
        # `su` and `sudo` take away what the manager is found by.
        return [*run, "env", "-u", "XDG_RUNTIME_DIR"], {**env, "XDG_RUNTIME_DIR": str(runtime)}
    return run, dict(env)


def works(key: Path, env: Mapping[str, str]) -> bool:
    """Whether a command can be run in a scope of its own; tried."""
    found = words(key, env)
    return found is not None and _succeeds([*found[0], "true"], found[1])


def _succeeds(argv: Sequence[str], env: Mapping[str, str]) -> bool:
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(argv, stdin=quiet, stdout=quiet, stderr=quiet, env=env, timeout=LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
