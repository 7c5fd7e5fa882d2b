"""A git repository with settings of its own, and what of them counts."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tmuxagents.services.app import open_app
from tmuxagents.services.settings import chosen
from tmuxagents.services.settings.chosen import Chosen

AS_SOMEBODY = ["-c", "user.name=n", "-c", "user.email=e"]


def run_git(folder: Path, *args: str) -> None:
    """Run git as somebody."""
    subprocess.run(["git", "-C", str(folder), *AS_SOMEBODY, *args], check=True, capture_output=True)


def repository(folder: Path, text: str | None = None) -> Path:
    """A repository with a commit, and with settings where a text is given."""
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "-q", "-b", "main")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    if text is not None:
        (folder / ".tmuxagents.toml").write_text(text)
    return folder


def choose(state: Path, folder: Path, *, profile: str | None = None, **typed: Any) -> Chosen:
    """What counts for a new agent there."""
    with open_app(str(state)) as app:
        return chosen.choose(app, folder, typed, profile=profile)


def values(state: Path, folder: Path, *, profile: str | None = None, **typed: Any) -> Mapping[str, Any]:
    """Its settings."""
    return choose(state, folder, profile=profile, **typed).answer.values
