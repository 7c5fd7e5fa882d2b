"""A tmux that opens no window until a file is there: between a start's claim and its window there is time."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.support.fleet import Fleet

_GATED = """#!/bin/sh
case " $* " in *" new-window "*)
  echo $$ >> "{gate}.pids"
  while [ ! -e "{gate}" ]; do sleep 0.02; done
esac
exec {tmux} "$@"
"""


@dataclass(frozen=True, slots=True)
class Gate:
    """The file, and the environment of a command that has to wait for it."""

    path: Path
    env: dict[str, str]

    def open(self) -> None:
        """Let who waits go on."""
        self.path.touch()

    def held_back(self) -> list[int]:
        """The pids of those that have come to it."""
        pids = self.path.with_name(f"{self.path.name}.pids")
        return [int(line) for line in pids.read_text().split()] if pids.exists() else []


def put(fleet: Fleet) -> Gate:
    """Put one up for a fleet's commands."""
    folder, path = fleet.root / "gated", fleet.root / "gate"
    folder.mkdir()
    (folder / "tmux").write_text(_GATED.format(gate=path, tmux=shutil.which("tmux")))
    (folder / "tmux").chmod(0o755)
    return Gate(path, {**fleet.env, "PATH": f"{folder}{os.pathsep}{fleet.env['PATH']}"})
