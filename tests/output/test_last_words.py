"""What a program said last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output.last_words import last_words


@pytest.mark.parametrize(
    ("end", "wanted"),
    [
        (b"", ""),
        (b"\r\n\r\n", ""),
        (b"one\r\ntwo\r\n", "two"),
        (b"one\r\ntwo", "two"),
        (b"\x1b[31merror: no such option\x1b[0m\r\nSee --help\r\n", "error: no such option"),
        (b"Traceback\r\n  File x\r\nValueError: bad\r\n", "ValueError: bad"),
        (b"error: old\r\n" + b"fine\r\n" * 20 + b"the end\r\n", "the end"),
        (b"\x1b[?2004h\x1b[2J\x1b[H? for shortcuts\x1b[?2004l\x1b[?25h\r\nfatal: it broke\r\n", "fatal: it broke"),
        (b"\x1b[2J\x1b[Ha box \x1b[3;4H that was drawn", ""),
        (b"title \x1b]0;evil\x07said\r\n", "title said"),
    ],
)
def test_the_last_that_tells_of_an_error_else_the_last(end: bytes, wanted: str) -> None:
    assert last_words(end) == wanted


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_are_it_is_one_line_that_acts_on_no_terminal(end: bytes) -> None:
    said = last_words(end)

    assert len(said) <= 300
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in said)
