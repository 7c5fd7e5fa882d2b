"""Whether a program will ask for a login when it starts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.drivers import files
from tmuxagents.kinds.base import Kind


def is_missing(kind: Kind, env: Mapping[str, str]) -> bool:
    """Whether nothing in the environment, the user's settings or the program's own files says that somebody is
    logged in. False where that cannot be known."""
    found = kind.login(env, decoded(kind.settings_files(env)))
    return found is not None and not any(_holds(path, sign) for path, sign in found.files.items())


def decoded(paths: Sequence[Path]) -> list[Mapping[str, Any]]:
    """What those of the settings files hold that can be read."""
    found: list[Mapping[str, Any]] = []
    for path in paths:
        try:
            value = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _holds(path: Path, sign: bytes) -> bool:
    try:
        return files.holds(path, [sign])
    except OSError:
        # What cannot be read may hold it.
        return True
