"""A database of one's own, with an agent in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rows import claim
from tmuxagents.names import AgentId
from tmuxagents.store.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tmuxagents.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with Database(path) as opened:
        yield opened


@pytest.fixture
def agent(db: Database) -> AgentId:
    return claim(db)
