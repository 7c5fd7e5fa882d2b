"""A project whose remote is GitHub, as far as `gh` and git know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import github, worktrees
from tests.support.github import GitHub
from tests.support.worktrees import Project
from tmuxagents.services.app import App, open_app


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    with open_app(str(root / "state")) as made:
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One with a commit."""
    return worktrees.make(tmp_path)


@pytest.fixture
def hub(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """What it is pushed to, with `gh` on the PATH and whoever types it."""
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("TMUXAGENTS_CONFIG", str(tmp_path / "config.toml"))
    made = github.make(tmp_path, project)
    monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
    return made
