"""The files in an agent's own folder (`agents/<id>`) and what each of them says."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from tmuxagents.drivers import files


def program_pid(folder: Path | str, generation: int) -> int | None:
    """The pid of the agent's program, as its starter recorded it."""
    try:
        text = files.read_whole(f"{folder}/pid.{generation}").decode()
    except (OSError, ValueError):
        return None
    return int(text) if text.isdecimal() else None


def raw_path(folder: Path, generation: int) -> Path:
    """Where tmux records what the program's terminal was sent."""
    return folder / f"pane.{generation}.raw"


def exit_path(folder: Path, generation: int) -> Path:
    """Where the starter records how the program ended."""
    return folder / f"exit.{generation}.json"


ASKED = "asked.json"
"""Where the variables of a start are kept until its turn has come."""


def asked_path(folder: Path) -> Path:
    """That file of an agent."""
    return folder / ASKED


def asked(folder: Path) -> dict[str, Any] | None:
    """What is written there; None where nothing is, or nothing that can be read."""
    import json

    try:
        told = json.loads(files.read_whole(asked_path(folder)))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def take_environment(folder: Path, generation: int) -> None:
    """Take it from a start that was given up: a starter whose window opens late ends without it. That of
    the first start is set aside for a `resume`, which has nothing else of what was given."""
    path = environment_file(folder, generation)
    with contextlib.suppress(FileNotFoundError):
        if generation == 1:
            os.replace(path, environment_file(folder, 0))
        else:
            path.unlink()


def resolving_file(folder: Path) -> Path:
    """What it was asked for about conflicts, while that is not told of (`services/review/resolving`)."""
    return folder / "resolve.json"


def environment_file(folder: Path, generation: int) -> Path:
    """Where the starter finds the variables of a start."""
    return folder / f"env.{generation}"
