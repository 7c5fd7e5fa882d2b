"""What is a text for an agent, and where it is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.cli.texts import decoded, fault

TEXTS = st.text().filter(lambda text: "\0" not in text)


@given(TEXTS)
def test_every_text_is_taken_exactly(text: str) -> None:
    assert decoded(text.encode(), "it") == text


@given(TEXTS, st.sampled_from([b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\0"]), TEXTS)
def test_the_first_byte_that_is_in_no_text_is_named_with_its_place(before: str, odd: bytes, after: str) -> None:
    told = fault((before.encode() + odd + after.encode()).decode("utf-8", "surrogateescape"))

    rows = before.split("\n")
    assert told is not None
    assert told.endswith(f"byte 0x{odd[0]:02x} in line {len(rows)} at {len(rows[-1]) + 1}")
