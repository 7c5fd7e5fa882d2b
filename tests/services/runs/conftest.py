"""What these tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.runs.recorded import Recorded, recorded


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Recorded]:
    with recorded(tmp_path / "state") as made:
        yield made
