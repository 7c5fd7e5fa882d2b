"""Pane bytes that never address the screen, read as lines."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tmuxagents.model.codec import decode, encode
from tmuxagents.output.pane_bytes import LONGEST, Fed, PlainState, feed, flush

PIECES = st.sampled_from(
    b"\x1b[ \x1b]0;t \x1b\\ \x07 \x08 \x1b[K \x1b[1K \x1b[2K \x1b[31m \x1b[?25l \x1b(B \x1b[5n \x1b".split(b" ")
    + b"\x1b(0 \x1b[H \xe2\x9c\x93 \xe2\x9c \x00 \r \n \r\n \t".split(b" ")
)
STREAMS = st.lists(PIECES | st.binary(max_size=4) | st.text(max_size=6).map(str.encode), max_size=40).map(b"".join)
CUTS = st.lists(st.integers(min_value=0, max_value=200), max_size=20)


def cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place for place in cuts if place < len(data))})
    return [data[start:stop] for start, stop in pairwise(places)]


def fed(pieces: Sequence[bytes]) -> tuple[list[str], Fed]:
    lines: list[str] = []
    last = feed(PlainState(), b"")
    for piece in pieces:
        last = feed(last.state, piece)
        lines += last.lines
        if last.screenful:
            break
    return lines, last


def read(*pieces: bytes) -> list[str]:
    lines, last = fed(pieces)
    assert not last.screenful
    return lines + flush(last.state)


@given(STREAMS, CUTS)
@example(b"\xe2\x9c\x93\r\n", [1, 2, 4])
@example(b"\x1b]0;\xe2\x9c\x93 title\x1b\\text\n", [2, 5, 14, 15])
def test_lines_do_not_depend_on_how_the_bytes_were_cut(data: bytes, cuts: list[int]) -> None:
    whole, once = fed([data])
    pieces, often = fed(cut(data, cuts))

    assert pieces == whole
    assert often.screenful == once.screenful
    assert flush(often.state) == flush(once.state)


@given(st.binary() | STREAMS)
def test_no_bytes_make_it_raise_or_let_a_control_through(data: bytes) -> None:
    lines, last = fed([data])

    for line in lines + flush(last.state):
        assert all(unicodedata.category(c) not in {"Cc", "Cs"} or c == "\t" for c in line)


@given(STREAMS, CUTS)
def test_the_state_survives_json(data: bytes, cuts: list[int]) -> None:
    state = feed(PlainState(), data).state

    assert decode(PlainState, json.loads(json.dumps(encode(state)))) == state


TEXTS = st.text(st.characters(categories=["L", "N", "P", "Zs"]) | st.just("\t"))


@given(st.lists(TEXTS), st.sampled_from(["\n", "\r\n"]))
def test_text_lines_come_out_as_they_are(lines: list[str], ending: str) -> None:
    assert read("".join(line + ending for line in lines).encode()) == lines


@given(STREAMS)
def test_what_is_held_between_feeds_stays_small(data: bytes) -> None:
    state = feed(PlainState(), data * 40).state

    assert len(state.tail) < 300
    assert len(state.line) <= LONGEST


class Cells:
    """The terminal's own idea of one line, a character at a time."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.column = 0

    def put(self, character: str) -> None:
        self.cells += " " * (self.column + 1 - len(self.cells))
        self.cells[self.column] = character
        self.column += 1

    def erase(self, part: str) -> None:
        for column in range(len(self.cells)):
            if part == "2" or (column <= self.column if part == "1" else column >= self.column):
                self.cells[column] = " "


MOVES = st.sampled_from(["\r", "\b", "\x1b[K", "\x1b[0K", "\x1b[1K", "\x1b[2K"])
OPERATIONS = MOVES | st.text("abc ", min_size=1, max_size=9)


@given(st.lists(OPERATIONS, max_size=30))
def test_an_overwritten_line_reads_as_on_the_terminal(operations: list[str]) -> None:
    cells = Cells()
    for operation in operations:
        match operation:
            case "\r":
                cells.column = 0
            case "\b":
                cells.column = max(0, cells.column - 1)
            case erase if erase.startswith("\x1b"):
                cells.erase(erase[2:-1])
            case text:
                for character in text:
                    cells.put(character)

    (line,) = read("".join([*operations, "\n"]).encode())

    assert line.rstrip() == "".join(cells.cells).rstrip()


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"\x1b[32mok\x1b[0m done\r\n", ["ok done"]),
        (b"\x1b]0;a title\x07text\n", ["text"]),
        (b"\x1b]0;\xe2\x9c\x93 title\x1b\\text\n", ["text"]),
        (b"\x1b]0;never ended\r\nnext\n", ["", "next"]),
        (b"\x1bP+q544e\x1b\\text\n", ["text"]),
        (b"\x1b[?2004h\x1b[?25l\x1b[?1h\x1b=\x1b[?7l\x1b[?12ltext\x1b[?2004l\n", ["text"]),
        (b"\x1b(B\x1b[mtext\x1b[5n\x1b[c\x1b[>4;2m\x1b[>1u\x1b[2 q\n", ["text"]),
        (b" 10%\r 50%\r100%\n", ["100%"]),
        (b"downloading 10%\r\x1b[Kdone\r\n", ["done"]),
        (b"long line\rab\n", ["abng line"]),
        (b"abc\x08\x08X\n", ["aXc"]),
        (b"a\tb\n", ["a\tb"]),
        (b"a\tb\rX\n", ["X       b"]),
        (b"abcdefghij\r\tX\n", ["abcdefghXj"]),
        (b"match\x1b[K\n", ["match"]),
        (b"one\r\r\ntwo\n", ["one", "two"]),
        (b"bell\x07 and nul\x00\n", ["bell and nul"]),
        (b"page\x0cnext\n", ["page", "next"]),
        (b"\xff\xfe bad\n", ["\ufffd\ufffd bad"]),
        (b"\xe2\nrest", ["\ufffd", "rest"]),
        (b"no line break \xe2\x9c", ["no line break \ufffd"]),
        (b"cut off \x1b[3", ["cut off "]),
        (b"\n\n", ["", ""]),
    ],
)
def test_plain_output_is_read_as_the_reader_would_see_it(data: bytes, lines: list[str]) -> None:
    assert read(data) == lines
    assert read(*(bytes([byte]) for byte in data)) == lines


@pytest.mark.parametrize(
    "sequence",
    b"\x1b[A \x1b[2B \x1b[5C \x1b[D \x1b[H \x1b[1;1f \x1b[J \x1b[2J \x1b[L \x1b[M \x1b[S \x1b[T \x1b[3d \x1b[1G".split()
    + b"\x1b[?1049h \x1b[?47h \x1b[?25;1049h \x1b7 \x1b8 \x1bM \x1bD \x1bc \x1b(0 \x1b#8 \x1b[4h \x1b[3b".split()
    + b"\x1b[s \x1b[u \x1b[1;5r \x1b[P \x1b[@ \x1b[3X".split(),
)
def test_what_addresses_the_screen_ends_the_plain_path(sequence: bytes) -> None:
    result = feed(PlainState(), b"one\r\ntwo" + sequence + b"three\r\n")

    assert result.screenful
    assert result.lines == ["one"]
    assert result.consumed == len(b"one\r\ntwo")
    assert flush(result.state) == ["two"]


def test_a_sequence_begun_in_an_earlier_feed_counts_no_bytes_of_this_one() -> None:
    first = feed(PlainState(), b"one\n\x1b[")
    second = feed(first.state, b"2J")

    assert (first.screenful, first.lines, first.consumed) == (False, ["one"], 6)
    assert (second.screenful, second.lines, second.consumed) == (True, [], 0)


def test_a_line_without_end_comes_out_in_pieces() -> None:
    data = b"x" * (2 * LONGEST + 10)
    pieces, last = fed([data[start : start + 1000] for start in range(0, len(data), 1000)])

    assert [len(piece) for piece in pieces] == [LONGEST, LONGEST]
    assert fed([data])[0] == pieces
    assert flush(last.state) == ["x" * 10]


def test_a_picture_in_a_control_string_is_not_kept() -> None:
    start = feed(PlainState(), b"before\x1b]1337;File=" + b"QUJD" * 100_000)
    end = feed(start.state, b"QUJD\x07after\n")

    assert len(start.state.tail) == 0
    assert end.lines == ["beforeafter"]
