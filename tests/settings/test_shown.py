"""A value as a person reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents import clock
from tmuxagents.settings import shown


@given(st.text())
def test_every_character_that_is_shown_can_be_seen(text: str) -> None:
    assert shown.visible(text).isprintable()


@given(st.text(), st.text())
def test_two_texts_that_differ_look_different(one: str, other: str) -> None:
    # A backslash may begin a number: it is doubled, as a value's is.
    seen = [shown.value("model", text) for text in (one, other)]

    assert (one == other) == (seen[0] == seen[1])


@given(st.integers(0, 10**8))
def test_a_time_is_shown_as_it_may_be_written(seconds: int) -> None:
    assert clock.duration(shown.duration(float(seconds))) == seconds


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("timeout", 7200.0, "2h"),
        ("timeout", 90.0, "90s"),
        ("timeout", 0.5, "0.5s"),
        ("timeout", 0.0, "0"),
        ("confirm_s", 2.5, "2.5"),
        ("trust", True, "true"),
        ("args", ("a", 'b"'), '["a", "b\\""]'),
        ("model", "a\u202e", '"a\\u202e"'),
    ],
)
def test_a_value_is_shown_as_it_is_written(key: str, value: object, wanted: str) -> None:
    assert shown.value(key, value) == wanted
