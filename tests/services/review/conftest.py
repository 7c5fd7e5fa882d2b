"""A project with worktrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.worktrees import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One with a commit."""
    return worktrees.make(tmp_path)
