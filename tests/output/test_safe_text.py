"""What a reader's terminal is shown, and what an agent may be sent."""

import ast
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output.safe_text import clean, is_clean, one_line, sendable, visible

HOSTILE = st.lists(
    st.sampled_from(["\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b\\", "\x9b", "\x9d", "\x07", "\r", "\n", "31m", ";", "k"])
    | st.text(max_size=5)
    | st.characters(categories=["Cs", "Cc", "Cf"]),
    max_size=30,
).map("".join)


def controls(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in {"Cc", "Cs"}}


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[38:2::255:0:0mred\x1b[m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://x.test/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;ti✓tle\x1b\\text", "text"),
        ("\x1b]52;c;never ended\nnext line", "\nnext line"),
        ("\x1bP1;2qsixel\x1b\\text", "text"),
        ("\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\text", "text"),
        ("\x1bktitle\x1b\\text", "text"),
        ("\x1bk text", " text"),
        ("\x9b31mred\x9d0;t\x9ctext", "redtext"),
        ("\x1b(Bascii\x1b7\x1b8\x1bc", "ascii"),
        ("\x1b\x1b[31mtwo escapes", "two escapes"),
        ("a\x00b\x08c\x7fd\x85e", "abcde"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\u202eb\u2066c\u200fd\u061ce\ufefff", "abcdef"),
        ("\ud83d lone", "\ufffd lone"),
        ("👩\u200d💻 ❤\ufe0f", "👩\u200d💻 ❤\ufe0f"),
        ("trailing \x1b", "trailing "),
        ("cut \x1b[31", "cut "),
    ],
)
def test_clean_leaves_only_what_a_terminal_prints(given_text: str, shown: str) -> None:
    assert clean(given_text) == shown


@given(HOSTILE)
def test_cleaned_text_holds_no_control_character(text: str) -> None:
    assert controls(clean(text)) <= {"\n", "\t"}
    assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", clean(text))


@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert is_clean(clean(text))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("\n\t")))
def test_text_without_controls_is_not_changed(text: str) -> None:
    assert clean(text) == text


@given(st.text(st.characters(categories=["L", "N"])), HOSTILE)
def test_a_hostile_line_never_swallows_the_next_one(spoken: str, hostile: str) -> None:
    assert clean(f"{hostile}\n{spoken}").endswith(f"\n{spoken}")


@given(HOSTILE, st.integers(min_value=-1, max_value=40))
def test_one_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= max(0, limit)
    assert not controls(line)


def test_one_line_folds_whitespace_and_marks_the_cut() -> None:
    assert one_line("  add\n\n\tauth  to it ") == "add auth to it"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("abcd", 4) == "abcd"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a\x1b[201~b", "a[201~b"),
        ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ("\x00\x03\x7f\x9bnothing else\u202e", "nothing else\u202e"),
        ("\udc80", "\ufffd"),
    ],
)
def test_sendable_takes_out_exactly_the_control_characters(text: str, sent: str) -> None:
    assert sendable(text) == sent


@given(HOSTILE)
def test_sendable_text_is_the_text_less_its_control_characters(text: str) -> None:
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = [c for c in broken if unicodedata.category(c) != "Cc" or c in "\t\n"]

    assert sendable(text) == "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in kept)


@given(HOSTILE | st.text())
def test_what_is_written_out_can_be_read_back_and_acts_on_nothing(text: str) -> None:
    text = text.replace("\\", "/")
    escape = re.compile(r"\\(?:x..|u....|U........|r)")

    assert is_clean(visible(text))
    assert escape.sub(lambda found: str(ast.literal_eval(f"'{found[0]}'")), visible(text)) == text
