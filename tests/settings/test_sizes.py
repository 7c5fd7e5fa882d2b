"""Sizes as the settings say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.settings import sizes


@pytest.mark.parametrize(
    ("text", "count"),
    [("500M", 500 * 2**20), ("2G", 2**31), ("1.5G", 3 * 2**29), ("0", 0), ("64KiB", 2**16), (" 1T ", 2**40)],
)
def test_a_size_is_read(text: str, count: int) -> None:
    assert sizes.parsed(text) == count


@pytest.mark.parametrize("text", ["", "M", "-1M", "1,5G", "500 M", "1e9", "500m", "٥M", "nan", "9999999999T"])
def test_what_is_no_size_is_none(text: str) -> None:
    assert sizes.parsed(text) is None


@given(st.integers(1, 999), st.sampled_from(["", "K", "M", "G", "T"]))
def test_what_is_said_can_be_read_again(number: int, unit: str) -> None:
    assert sizes.words(sizes.parsed(f"{number}{unit}") or 0) == f"{number}{unit}"
