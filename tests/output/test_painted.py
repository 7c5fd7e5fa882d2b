"""git's colours stay, and a file's own sequences are text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output.painted import painted, seen

PIECES = st.lists(
    st.sampled_from(["a", "+", "\n", "\t", "\x1b[8m", "\x1b[32m", "\x1b[m", "\x1b", "\x9b", "\u202e", "é"])
)
COLORS = st.sampled_from(["", "\x1b[32m", "\x1b[m", "\x1b[1;31m", "\x1b[8m"])


@given(st.lists(st.tuples(COLORS, PIECES)))
def test_every_sequence_of_a_file_is_shown_and_git_keeps_as_many_as_it_painted(
    runs: list[tuple[str, list[str]]],
) -> None:
    plain = "".join("".join(pieces) for _, pieces in runs)
    colored = "".join(color + "".join(pieces) for color, pieces in runs)

    told = painted(plain, colored)

    assert re.sub(r"\x1b\[[0-9;]*m", "", told) == seen(plain)
    assert len(re.findall(r"\x1b\[[0-9;]*m", told)) == sum(bool(color) for color, _ in runs)


def test_what_is_not_the_same_text_is_shown_without_colours() -> None:
    assert painted("a\x1b[8mb", "\x1b[32mother") == "a^[[8mb"


def test_what_a_terminal_obeys_is_written_as_less_writes_it() -> None:
    assert seen("a\r\x07\udcff\x7f") == "a^M^G<FF>^?"


def test_letters_and_line_breaks_stay() -> None:
    assert seen("é 漢\tb\n") == "é 漢\tb\n"
