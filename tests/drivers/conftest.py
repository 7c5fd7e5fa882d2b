"""A tmux server of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tmux import Tmux, running


@pytest.fixture
def tmux(root: Path) -> Iterator[Tmux]:
    """Started through the driver, with our configuration."""
    with running(root) as made:
        yield made
