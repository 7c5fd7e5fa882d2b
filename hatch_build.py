"""Writes the manual pages and the completion scripts that the wheel brings, from the commands themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Shared(BuildHookInterface):  # type: ignore[type-arg]
    """A process of its own: what is built must not be imported into the one that builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        folder = Path(self.directory) / "man"
        program = [sys.executable, str(Path(self.root) / "contrib" / "man.py"), str(folder)]
        # pip's isolation is a PYTHONPATH up to 23.2, which Python 3.11 brings: there the commands find click.
        given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        env = {"PYTHONPATH": os.pathsep.join([self.root, *filter(None, given)])}
        subprocess.run(program, check=True, cwd=self.root, env=env)
        for page in sorted(folder.iterdir()):
            build_data["shared_data"][str(page)] = f"share/man/man1/{page.name}"
