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


def give_up(folder: Path, generation: int) -> bool:
    """Give up a start: a starter whose window opens late ends, and runs nothing. False where it has begun already. The
    variables of the first start are set aside for a `resume`, which has nothing else of what was given."""
    if not _forestalled(folder, generation):
        return False
    path = environment_file(folder, generation)
    with contextlib.suppress(FileNotFoundError):
        if generation == 1:
            os.replace(path, environment_file(folder, 0))
        else:
            path.unlink()
    return True


def _forestalled(folder: Path, generation: int) -> bool:
    """Whether the starter finds its file made, by us or by who gave it up before."""
    path, ours = begun_file(folder, generation), folder / f".given-up.{generation}.{os.getpid()}"
    try:
        files.write_whole(ours, _GIVEN_UP)
        # Whole at once: the starter's own is empty.
        os.link(ours, path)
    except FileExistsError:
        return has_begun(folder, generation) is False
    except OSError:
        # No folder, or a full disk: without the variables it ends as well.
        return True
    finally:
        ours.unlink(missing_ok=True)
    return True


_GIVEN_UP = b"given up"


def begun_file(folder: Path, generation: int) -> Path:
    """Made by who comes first: the starter, or who gives the start up."""
    return folder / f"begun.{generation}"


def has_begun(folder: Path, generation: int) -> bool:
    """Whether the starter of that start runs, or has: a window was opened for it."""
    try:
        return files.read_whole(begun_file(folder, generation)) != _GIVEN_UP
    except OSError:
        return False


def resolving_file(folder: Path) -> Path:
    """What it was asked for about conflicts, while that is not told of (`services/review/resolving`)."""
    return folder / "resolve.json"


def environment_file(folder: Path, generation: int) -> Path:
    """Where the starter finds the variables of a start."""
    return folder / f"env.{generation}"
