"""A terminal of a given size in which one command is run, as a person would see it."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Sequence

from tests.support.fleet import Fleet, eventually

_NUMBER = itertools.count()


def after(fleet: Fleet, argv: Sequence[str], *, columns: int = 80, rows: int = 40, **env: str) -> tuple[str, str]:
    """The screen when the command has ended, as text and with its colours."""
    # A server of its own each time: on a socket whose server is just ending a new one exits unexpectedly.
    name = f"screen-{next(_NUMBER)}"
    done = fleet.root / f"{name}.done"
    tmux = ["tmux", "-f", "/dev/null", "-S", str(fleet.root / name)]
    run = ["sh", "-c", f'"$@"; touch {done}; cat', "sh", *argv]
    size = ["-x", str(columns), "-y", str(rows)]
    subprocess.run([*tmux, "new-session", "-d", *size, *run], env={**fleet.env, **env}, cwd=fleet.work, check=True)

    def shown(*more: str) -> str:
        return subprocess.run([*tmux, "capture-pane", "-p", *more], capture_output=True, text=True, check=True).stdout

    try:
        eventually(done.exists, explain=shown)
        return shown(), shown("-e")
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)
