"""The pictures of the README show the dashboard as it is."""

from __future__ import annotations

import pytest

from tests.support import pictures


@pytest.mark.parametrize("theme", pictures.THEMES)
def test_a_picture_says_what_the_dashboard_says_today(theme: str) -> None:
    kept = (pictures.FOLDER / f"top-{theme}.svg").read_text()

    assert pictures.words(kept) == pictures.words(pictures.drawn(theme)), "make pictures"
