"""A value is wrapped under its beginning, and an id or a path is not broken where it has room below."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output.keyed import keyed
from tmuxagents.output.widths import width_of

WORDS = st.lists(st.text("ab界/-", min_size=1, max_size=50), max_size=8).map(" ".join)


def test_a_value_is_wrapped_under_its_beginning() -> None:
    assert keyed("task  ", "one two three", 14) == ["task  one two", "      three"]
    assert keyed("task  ", "one two three", None) == ["task  one two three"]


def test_an_id_that_has_room_below_is_not_broken() -> None:
    assert keyed("id    ", "0123456789", 14) == ["id", "  0123456789"]
    assert keyed("id    ", "0123456789abc", 14) == ["id    01234567", "      89abc"]


@given(WORDS, st.integers(20, 90))
def test_no_row_is_wider_than_the_terminal_and_nothing_is_lost(text: str, width: int) -> None:
    found = keyed("conversation  ", text, width)

    assert all(width_of(row) <= width for row in found)
    assert "".join("".join(found).split()) == "conversation" + "".join(text.split())
