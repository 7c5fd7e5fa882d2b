"""`SECURITY.md` names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "SECURITY.md").read_text()


def test_every_test_that_the_page_names_is_there() -> None:
    named: list[tuple[str, str]] = []
    for listed in re.findall(r"^- `(test_\w+\.py)`: ((?:.|\n  )+)", PAGE, re.MULTILINE):
        named += [(listed[0], name) for name in re.findall(r"`(test_\w+)`", listed[1])]

    assert len(named) > 20
    assert [(f, name) for f, name in named if f"def {name}(" not in (HERE / f).read_text()] == []


def test_every_file_of_these_tests_shows_a_promise() -> None:
    files = {path.name for path in HERE.glob("test_*.py")} - {Path(__file__).name}

    assert files == set(re.findall(r"`(test_\w+\.py)`", PAGE))
