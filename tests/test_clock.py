"""Moments and durations as text."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents import clock

MOMENTS = st.integers(0, 253_402_300_799 * clock.SECOND)  # up to the year 9999


@given(ns=MOMENTS)
def test_a_moment_reads_back_to_the_millisecond(ns: int) -> None:
    text = clock.rfc3339(ns)

    assert text is not None
    assert text.endswith("Z")
    moment = datetime.fromisoformat(text)
    whole = int(moment.timestamp() // 1) if moment.microsecond == 0 else int(moment.replace(microsecond=0).timestamp())
    assert whole * 1000 + moment.microsecond // 1000 == ns // 1_000_000


def test_no_moment_stays_none() -> None:
    assert clock.rfc3339(None) is None


@given(one=MOMENTS, other=MOMENTS)
def test_moments_sort_as_their_texts_do(one: int, other: int) -> None:
    texts = [str(clock.rfc3339(ns)) for ns in sorted([one, other])]

    assert texts == sorted(texts)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (86_399, "23h"),
        (86_400, "1d"),
        (10**6, "11d"),
    ],
)
def test_how_long_ago_is_in_the_largest_unit(seconds: int, text: str) -> None:
    assert clock.ago(0, seconds * clock.SECOND) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("0", 0), ("0.5s", 0.5), ("1.5m", 90)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert clock.duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "s", "m", "-1", "-1s", "nan", "inf", "infs", "1w", "ten", "1 2", "1e99", "0x10", "99999999999d", "1m30s"],
)
def test_what_is_no_duration_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        clock.duration(text)


@given(text=st.text(max_size=8))
def test_a_duration_is_never_negative_or_endless(text: str) -> None:
    try:
        seconds = clock.duration(text)
    except ValueError:
        return
    assert 0 <= seconds < 10**9


def test_a_fact_that_never_comes_is_given_up() -> None:
    assert clock.eventually(lambda: None, within=0.05) is None


def test_a_fact_that_is_there_is_asked_for_once() -> None:
    asked = []

    def ask() -> str:
        asked.append(1)
        return "yes"

    assert clock.eventually(ask, within=5) == "yes"
    assert asked == [1]
