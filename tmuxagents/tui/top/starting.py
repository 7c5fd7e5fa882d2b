"""Start agents as the command line does, and say in one line what came of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.tui.top.beside import Done, Work


def spawn(argv: Sequence[str]) -> Work:
    """Have that command, a `spawn --json`, carried out. It is a process of its own: what a command prints in this one
    would be on the screen, and a C-c that is meant for a pager would be its too."""

    def work(app: App) -> Done:
        try:
            ran = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, check=False
            )
        except OSError as error:
            # A task of more than 128 KiB is no argument.
            return Done(f"it cannot be started: {error.strerror}", good=False)
        return told(ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace"))

    return work


def told(code: int, out: str, err: str) -> Done:
    """What came of it. Where one was started it was done, whatever befell the others: its task is not to be there to
    be started once more."""
    started, said = _started(out), _said(err)
    if not started:
        return Done(said or one_line(out, 400) or f"it ended with {code}", good=code == 0)
    names = ", ".join(str(one["name"]) for one in started)
    verb = "queued" if all(one["state"] == "queued" for one in started) else "started"
    return Done("; ".join(filter(None, [f"{verb} {names}", said])), pale=code != 0, new=str(started[0]["id"]))


def _started(out: str) -> Sequence[Mapping[str, Any]]:
    try:
        found = json.loads(out)
    except ValueError:
        return []
    return found["agents"] if isinstance(found, dict) and isinstance(found.get("agents"), list) else []


def _said(err: str) -> str:
    """Its remarks, or its error and hint, without what stands before them at a shell."""
    lines = [line.removeprefix("tmuxagents: ").removeprefix("hint: ").strip() for line in err.splitlines()]
    return one_line("; ".join(filter(None, lines)), 400)
