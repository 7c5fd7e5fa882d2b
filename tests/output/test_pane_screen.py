"""Screens of a real tmux pane, and of a model of one, read as final lines."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matrix import every
from tmuxagents.model.codec import decode, encode
from tmuxagents.output.pane_bytes import PlainState, feed
from tmuxagents.output.pane_screen import Look, SettleState, overlaps, settle, start_from, wanted

LIMIT = 200


class Pane:
    """A pane of a tmux server of its own; the test writes to its terminal as a program would."""

    def __init__(self, socket: Path, *, limit: int = 2000, height: int = 24) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        self._marks = 0
        sleep = ["new-session", "-d", "-x", "80", "-y", str(height), "sleep 600"]
        self.run("set", "-g", "history-limit", str(limit), ";", "set", "-g", "status", "off", ";", *sleep)
        self._tty = os.open(self.run("display", "-p", "#{pane_tty}").strip(), os.O_WRONLY | os.O_NOCTTY)

    def run(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._tmux, *arguments], check=True, capture_output=True, timeout=20, encoding="utf-8"
        ).stdout

    def close(self) -> None:
        os.close(self._tty)
        self.run("kill-server")

    def write(self, text: str) -> None:
        """Return when tmux has drawn the text."""
        self._marks += 1
        mark = f"mark-{self._marks}"
        rest = text.encode() + f"\x1b]2;{mark}\x1b\\".encode()
        while rest:
            rest = rest[os.write(self._tty, rest) :]
        limit = time.monotonic() + 100
        while self.run("display", "-p", "#{pane_title}").strip() != mark:
            assert time.monotonic() < limit, "tmux did not draw the text"

    def look(self, state: SettleState) -> Look:
        sizes = self.run("display", "-p", "#{history_size} #{history_limit} #{alternate_on}")
        size, limit, _ = map(int, sizes.split())
        count, exact = wanted(state, history_size=size, history_limit=limit)
        look = self.capture(count, exact=exact)
        return look if overlaps(state, look) else self.capture(size, exact=False)

    def capture(self, count: int, *, exact: bool) -> Look:
        sizes = self.run("display", "-p", "#{history_size} #{history_limit} #{alternate_on}")
        size, limit, alternate = map(int, sizes.split())
        joined = size > 0 and self.run("capture-pane", "-p", "-J", "-S", "-1", "-E", "0").count("\n") == 1
        return Look(size, self._history(count), self._visible(), bool(alternate), exact, limit, joined)

    def _history(self, count: int) -> tuple[str, ...]:
        return tuple(self.run("capture-pane", "-p", "-J", "-S", f"-{count}", "-E", "-1").splitlines()) if count else ()

    def _visible(self) -> tuple[str, ...]:
        return tuple(self.run("capture-pane", "-p", "-J").splitlines())


class Reader:
    """Follows a pane as the controller does; two looks alike are a still screen."""

    def __init__(self, pane: Pane, state: SettleState | None = None) -> None:
        self._pane, self.state = pane, state or SettleState()
        self.lines: list[str] = []

    def look(self, *, still: bool = False) -> list[str]:
        look = self._pane.look(self.state)
        self.state, lines = settle(self.state, look, still=still)
        self.state = decode(SettleState, json.loads(json.dumps(encode(self.state))))
        self.lines += lines
        return lines


@pytest.fixture
def pane(root: Path) -> Iterator[Pane]:
    pane = Pane(root / "s")
    yield pane
    pane.close()


@pytest.fixture
def small(root: Path) -> Iterator[Pane]:
    pane = Pane(root / "s", limit=LIMIT, height=10)
    yield pane
    pane.close()


def numbered(*counts: int) -> list[str]:
    return [f"line {number}" for number in range(*counts)]


def printed(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def test_numbered_output_comes_out_once_and_in_order(pane: Pane) -> None:
    reader = Reader(pane)

    for start in range(0, 500, 37):
        pane.write(printed(numbered(start, min(500, start + 37))))
        reader.look(still=start % 2 == 0)
    reader.look(still=True)

    assert reader.lines == numbered(500)


def test_lines_on_the_screen_wait_until_it_is_still(pane: Pane) -> None:
    reader = Reader(pane)
    pane.write(printed(numbered(3)))

    assert reader.look() == []
    assert reader.look(still=True) == numbered(3)
    assert reader.look(still=True) == []


def test_blank_lines_within_the_output_are_kept(pane: Pane) -> None:
    reader = Reader(pane)
    lines = [line for number in range(40) for line in (f"paragraph {number}", "")]

    for start in range(0, 80, 10):
        pane.write(printed(lines[start : start + 10]))
        reader.look(still=True)

    assert reader.lines == lines[:-1]


def test_a_progress_bar_is_final_when_it_stays(pane: Pane) -> None:
    reader = Reader(pane)

    for percent in range(0, 101, 20):
        pane.write(f"\r\x1b[Kloading {percent}%")
        reader.look()
    pane.write("\ndone\n")
    reader.look(still=True)

    assert reader.lines == ["loading 100%", "done"]


def test_finished_lines_above_a_redrawn_block_come_out_once(pane: Pane) -> None:
    reader = Reader(pane)
    pane.write("\n" * 5)

    for turn in range(50):
        block = printed([f"status {turn % 3}.{row}" for row in range(5)])
        pane.write(f"\x1b[5A\x1b[Jfinished {turn}\n{block}")
        reader.look(still=turn % 4 == 0)
    reader.look(still=True)

    assert [line for line in reader.lines if line.startswith("finished")] == [f"finished {n}" for n in range(50)]


def test_a_block_that_stays_the_same_comes_out_once(pane: Pane) -> None:
    reader = Reader(pane)
    block = ["+------+", "| menu |", "+------+"]
    pane.write(printed(["header", *block]))

    for turn in range(40):
        pane.write(f"\x1b[3A\x1b[Jfinished {turn}\n{printed(block)}")
        reader.look(still=turn % 2 == 0)
    reader.look(still=True)

    assert sorted(reader.lines) == sorted(["header", *block] + [f"finished {n}" for n in range(40)])


@pytest.mark.parametrize("erase", ["\x1b[H\x1b[J", "\x1b[H\x1b[2J", "\x1b[H\x1b[2J\x1b[3J"])
def test_a_cleared_screen_neither_loses_nor_repeats_lines(pane: Pane, erase: str) -> None:
    reader = Reader(pane)
    pane.write(printed(numbered(40)))
    reader.look(still=True)

    pane.write(erase)
    reader.look()
    pane.write(printed(numbered(40, 80)))
    reader.look(still=True)

    assert reader.lines == numbered(80)


@pytest.mark.parametrize("erase", ["\x1b[H\x1b[J", "\x1b[2J\x1b[H", "\x1b[2J\x1b[3J\x1b[H", "\x1b[5A\x1b[J"])
@pytest.mark.parametrize("looks_between", [True, False])
def test_a_full_redraw_brings_only_what_is_new(pane: Pane, erase: str, looks_between: bool) -> None:
    reader = Reader(pane)
    pane.write(printed(numbered(5)))
    reader.look(still=True)

    for last in range(6, 12):
        pane.write(erase)
        if looks_between:
            reader.look()
        pane.write(printed(numbered(5 if erase.startswith("\x1b[5A") else last)))
        reader.look(still=True)

    assert reader.lines == numbered(5 if erase.startswith("\x1b[5A") else 11)


def test_the_alternate_screen_brings_new_lines_and_gives_the_old_screen_back(pane: Pane) -> None:
    reader = Reader(pane)
    pane.write(printed(numbered(30)))
    reader.look(still=True)

    pane.write("\x1b[?1049h\x1b[Htitle\n\nfirst answer\n")
    reader.look(still=True)
    pane.write("\x1b[H\x1b[2Jtitle\n\nfirst answer\nsecond answer\n")
    reader.look()
    reader.look(still=True)
    pane.write("\x1b[?1049l")
    reader.look(still=True)
    pane.write("after\n")
    reader.look(still=True)

    assert reader.lines == [*numbered(30), "title", "", "first answer", "second answer", "after"]


@pytest.mark.parametrize("step", every(3, [19, 7, 20, 95, 21, 150]))
def test_a_full_history_loses_and_repeats_nothing(small: Pane, step: int) -> None:
    reader = Reader(small)

    for start in range(0, 1000, step):
        small.write(printed(numbered(start, min(1000, start + step))))
        reader.look(still=start % 3 == 0)
    reader.look(still=True)

    assert reader.lines == numbered(1000)


def test_a_full_history_of_equal_lines_keeps_their_number(small: Pane) -> None:
    reader = Reader(small)

    for _ in range(60):
        small.write("tick\n" * 5)
        reader.look(still=True)

    assert reader.lines == ["tick"] * 300


def test_more_than_a_whole_history_between_two_looks_loses_only_what_tmux_lost(small: Pane) -> None:
    reader = Reader(small)
    small.write(printed(numbered(50)))
    reader.look(still=True)

    small.write(printed(numbered(50, 900)))
    reader.look(still=True)

    kept = [int(line.split()[1]) for line in reader.lines]
    assert kept == sorted(set(kept))
    assert kept[:50] == list(range(50))
    assert kept[-180:] == list(range(720, 900))


@pytest.mark.parametrize(("width", "height"), [(80, 40), (80, 8), (30, 24), (120, 12)])
def test_another_window_size_repeats_nothing(pane: Pane, width: int, height: int) -> None:
    reader = Reader(pane)
    lines = [f"{line} {'word ' * 10}".rstrip() for line in numbered(100)]
    pane.write(printed(lines[:60]))
    reader.look(still=True)

    pane.run("resize-window", "-x", str(width), "-y", str(height))
    size = int(pane.run("display", "-p", "#{history_size}"))
    reader.state, repeated = settle(reader.state, pane.capture(size, exact=False), still=True)
    pane.write(printed(lines[60:]))
    reader.look(still=True)

    assert repeated == []
    assert reader.lines == lines


def test_a_wrapped_line_at_the_edge_of_the_screen_is_not_repeated(pane: Pane) -> None:
    reader = Reader(pane)
    lines = [f"{number} " + "x" * 150 for number in range(60)]

    for line in lines:
        pane.write(printed([line]))
        reader.look(still=True)

    assert reader.lines == lines


@pytest.mark.parametrize("step", every(3, [7, 1, 25]))
def test_a_wrapped_line_that_crosses_the_edge_of_the_screen_stays_whole(small: Pane, step: int) -> None:
    reader = Reader(small)
    lines = [f"{number} " + "word " * (number % 50) + "." for number in range(200)]

    for start in range(0, 200, step):
        small.write(printed(lines[start : start + step]))
        reader.look()
    reader.look(still=True)

    assert reader.lines == lines


@pytest.mark.parametrize("before", [3, 20, 23, 24, 60, 500])
def test_it_goes_on_where_the_plain_path_stopped(pane: Pane, before: int) -> None:
    text = printed([f"\tline  {number}\t." for number in range(before)]) + "open line"
    fed = feed(PlainState(), text.encode() + b"\x1b[G")
    pane.write(text)
    reader = Reader(pane, start_from(fed.lines))

    pane.write("\x1b[G\x1b[Kclosed line\n" + printed(numbered(10)))
    reader.look()
    reader.look(still=True)
    pane.write(printed(numbered(10, 40)))
    reader.look(still=True)

    assert fed.screenful
    assert reader.lines == ["closed line", *numbered(40)]


@pytest.mark.parametrize("erase", ["\x1b[H\x1b[J", "\x1b[2J\x1b[3J\x1b[H", "\x1b[10A\x1b[J", "\x1bc"])
def test_a_screen_cleared_by_what_ended_the_plain_path_repeats_nothing(pane: Pane, erase: str) -> None:
    fed = feed(PlainState(), printed(numbered(60)).encode())
    pane.write(printed(numbered(60)) + erase + printed(numbered(60, 65)))
    reader = Reader(pane, start_from(fed.lines))

    reader.look(still=True)

    assert reader.lines == numbered(60, 65)


@pytest.mark.parametrize("before", [5, 60])
def test_the_screen_hidden_when_the_plain_path_ended_is_not_repeated(pane: Pane, before: int) -> None:
    fed = feed(PlainState(), printed(numbered(before)).encode() + b"\x1b[?1049h")
    pane.write(printed(numbered(before)) + "\x1b[?1049h")
    reader = Reader(pane, start_from(fed.lines))

    pages = [[f"page {page} row {row}" for row in range(20)] for page in range(15)]
    for page in pages:
        pane.write("\x1b[H\x1b[2J" + printed(page))
        reader.look(still=True)
    pane.write("\x1b[?1049l")
    reader.look(still=True)

    assert fed.screenful
    assert reader.lines == [row for page in pages for row in page]


class Screen:
    """A model of a pane that only scrolls, its history cut as tmux cuts it."""

    def __init__(self, height: int, limit: int) -> None:
        self._height, self._limit = height, limit
        self.history: list[str] = []
        self.rows: list[str] = []

    def show(self, line: str) -> None:
        self.rows.append(line)
        if len(self.rows) > self._height:
            if len(self.history) >= self._limit:
                del self.history[: max(1, self._limit // 10)]
            self.history.append(self.rows.pop(0))

    def look(self, state: SettleState) -> Look:
        count, exact = wanted(state, history_size=len(self.history), history_limit=self._limit)
        rows = tuple(self.rows + [""] * (self._height - len(self.rows)))
        look = Look(
            len(self.history), tuple(self.history)[len(self.history) - count :], rows, False, exact, self._limit
        )
        if overlaps(state, look):
            return look
        return Look(len(self.history), tuple(self.history), rows, False, False, self._limit)


STEPS = st.lists(st.tuples(st.integers(min_value=0, max_value=70), st.booleans()), max_size=15)


@given(STEPS, st.integers(min_value=1, max_value=30), st.sampled_from([100, 130, 1000]))
def test_lines_that_scroll_come_out_once_whenever_one_looks(
    steps: list[tuple[int, bool]], height: int, limit: int
) -> None:
    screen, state, said, out = Screen(height, limit), SettleState(), 0, list[str]()

    for count, still in [*steps, (0, True)]:
        for number in range(said, said + count):
            screen.show(f"line {number}")
        said += count
        state, lines = settle(state, screen.look(state), still=still)
        out += lines

    assert out == numbered(said)


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=60), st.integers(min_value=2, max_value=9))
def test_equal_lines_keep_their_number_when_each_is_looked_at(said: list[str], height: int) -> None:
    screen, state, out = Screen(height, 1000), SettleState(), list[str]()

    for line in said:
        screen.show(line)
        state, lines = settle(state, screen.look(state), still=True)
        out += lines

    assert out == said


@given(STEPS, st.integers(min_value=0, max_value=300))
def test_lines_of_the_plain_path_are_not_repeated(steps: list[tuple[int, bool]], before: int) -> None:
    screen, state, said, out = Screen(12, 1000), start_from(numbered(before)), before, list[str]()
    for line in numbered(before):
        screen.show(line)

    for count, still in [*steps, (0, True)]:
        for line in numbered(said, said + count):
            screen.show(line)
        said += count
        state, lines = settle(state, screen.look(state), still=still)
        out += lines

    assert out == numbered(before, said)


ROWS = st.lists(st.sampled_from(["", "a", "b", "c\x1b[31m", "long " * 60]) | st.text(max_size=6), max_size=8).map(tuple)
FLAGS = st.booleans()
LOOKS = st.builds(Look, st.integers(0, 300), ROWS, ROWS, FLAGS, FLAGS, st.sampled_from([0, 100]), FLAGS)


@pytest.mark.slow
@given(st.lists(st.tuples(LOOKS, st.booleans()), max_size=12), st.lists(st.text(max_size=3), max_size=5))
def test_no_looks_make_it_raise_grow_or_let_a_control_through(
    looks: list[tuple[Look, bool]], before: list[str]
) -> None:
    state = start_from(before)

    for look, still in looks:
        overlaps(state, look)
        state, lines = settle(state, look, still=still)

        assert all(line.isprintable() or "\t" in line or not line.isascii() for line in lines)
        assert not any(character in line for line in lines for character in "\x1b\n\r\x07")
        assert len(state.tail) <= 200
        assert len(state.gone) <= 200
        assert decode(SettleState, json.loads(json.dumps(encode(state)))) == state
