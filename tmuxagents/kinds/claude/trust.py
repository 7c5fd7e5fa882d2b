"""The one entry in Claude Code's own configuration that `--trust` makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def with_trust(config: Mapping[str, Any], folders: Sequence[str]) -> dict[str, Any]:
    """The configuration with these folders trusted; everything else stays as it is."""
    projects = config.get("projects")
    projects = dict(projects) if isinstance(projects, Mapping) else {}
    for folder in folders:
        entry = projects.get(folder)
        projects[folder] = {**(entry if isinstance(entry, Mapping) else {}), "hasTrustDialogAccepted": True}
    return {**config, "projects": projects}


def is_trusted(config: Mapping[str, Any], folder: str) -> bool:
    """Whether the folder has its entry already."""
    projects = config.get("projects")
    entry = projects.get(folder) if isinstance(projects, Mapping) else None
    return isinstance(entry, Mapping) and entry.get("hasTrustDialogAccepted") is True
