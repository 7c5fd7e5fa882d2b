"""Who is shown, in which order, and who is selected whatever moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import ROWS, TEXTS, asking, row
from tmuxagents.output.dashboard import board as boards
from tmuxagents.output.dashboard import matching
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.frame import top_line
from tmuxagents.output.dashboard.pieces import plain
from tmuxagents.output.dashboard.row import GROUPS, Row, in_order

HEIGHTS = st.integers(1, 12)


@given(ROWS)
def test_everybody_stands_in_one_group_once_and_who_needs_you_comes_first(rows: list[Row]) -> None:
    lines = boards.entries(in_order(rows))
    shown = [one for one in lines if isinstance(one, Row)]

    assert sorted(one.id for one in shown) == sorted(one.id for one in rows)
    places = [GROUPS.index(one.group) for one in shown]
    assert places == sorted(places)
    assert sum(isinstance(one, str) for one in lines) == len({one.group for one in rows})


@given(ROWS)
def test_within_a_group_the_pinned_stand_first(rows: list[Row]) -> None:
    for group in GROUPS:
        pins = [one.pinned for one in in_order(rows) if one.group == group]
        assert pins == sorted(pins, reverse=True)


@given(ROWS, TEXTS)
def test_who_needs_you_is_never_hidden_as_dismissed(rows: list[Row], text: str) -> None:
    shown = Board(tuple(rows)).shown

    assert {one.id for one in rows if one.group == "needs you"} <= {one.id for one in shown}
    assert {one.id for one in rows} == {one.id for one in Board(tuple(rows), with_dismissed=True).shown}


@given(ROWS, st.lists(st.integers(-20, 20), max_size=8), HEIGHTS)
def test_whoever_is_selected_is_shown_and_on_the_screen(rows: list[Row], moves: list[int], height: int) -> None:
    board = boards.settled(Board(tuple(rows)), height)
    for by in moves:
        board = boards.moved(board, by, height)
        ids = [one.id for one in board.shown]
        assert (board.selected in ids) if ids else board.selected is None
        window = boards.entries(board.shown)[board.top : board.top + height]
        assert not ids or any(isinstance(one, Row) and one.id == board.selected for one in window)


@given(ROWS, ROWS, HEIGHTS)
def test_the_selection_stays_with_its_agent_while_that_is_shown(first: list[Row], then: list[Row], height: int) -> None:
    board = boards.moved(boards.settled(Board(tuple(first)), height), 3, height)
    after = boards.with_rows(board, then, height)

    if board.selected in [one.id for one in after.shown]:
        assert after.selected == board.selected


def test_where_the_selected_one_goes_the_next_takes_its_place() -> None:
    rows = [row(n, "idle", since_ns=100 - n) for n in range(4)]
    board = boards.jumped(Board(tuple(rows)), 2, 10)

    after = boards.with_rows(board, [one for one in rows if one.id != "id-1"], 10)

    assert after.selected == "id-2"


def test_a_number_that_nobody_has_moves_nothing() -> None:
    board = boards.settled(Board((row(1), row(2))), 10)

    assert boards.jumped(board, 3, 10) is board
    assert boards.jumped(board, 2, 10).selected == "id-2"


def test_a_line_of_the_list_is_its_agent_and_a_head_nobody() -> None:
    board = boards.settled(Board((asking(1), row(2))), 10)

    assert [boards.at_line(board, line) for line in range(5)] == [None, "id-1", None, "id-2", None]


@given(ROWS, TEXTS, TEXTS)
def test_another_word_never_shows_more(rows: list[Row], one: str, other: str) -> None:
    few = {each.id for each in rows if matching.takes(matching.terms(f"{one} {other}".replace('"', "")), each)}
    many = {each.id for each in rows if matching.takes(matching.terms(one.replace('"', "")), each)}

    assert few <= many


@given(ROWS, st.sampled_from(["kind:claude", "state:wait", "run:night", "is:pinned", "agent", "folder:a"]))
def test_a_word_and_the_same_with_a_dash_divide_everybody(rows: list[Row], word: str) -> None:
    having = {one.id for one in rows if matching.takes(matching.terms(word), one)}
    without = {one.id for one in rows if matching.takes(matching.terms(f"-{word}"), one)}

    assert having | without == {one.id for one in rows}
    assert not having & without


@given(st.text(max_size=40))
def test_no_filter_is_wrong(text: str) -> None:
    assert matching.takes(matching.terms(text), row(1)) in (True, False)


def test_words_stand_together_in_quotes_and_a_key_that_is_only_begun_takes_nobody_away() -> None:
    one = row(1, said="all tests pass", folder="src/api", kind="claude")

    assert matching.takes(matching.terms('"tests pass" dir:API kind:'), one)
    assert not matching.takes(matching.terms('"pass tests"'), one)
    assert not matching.takes(matching.terms("nothing:here"), one)


def test_asking_for_the_dismissed_shows_them() -> None:
    gone = row(1, "ended", dismissed=True)

    assert Board((gone,)).shown == []
    assert Board((gone,), filter="is:dismissed").shown == [gone]
    assert Board((gone,)).hidden == 1


@pytest.mark.parametrize("text", ["w", "outt", "/tmp/outt", "/tmp/outt/w", "/tmp/outt/w/", "tmp/OUTT"])
def test_a_folder_is_any_part_of_its_path(text: str) -> None:
    one = row(1, folder="w", paths=("/tmp/outt/w/",))

    assert matching.takes(matching.terms(f"folder:{text}"), one)
    assert not matching.takes(matching.terms(f"folder:{text}x"), one)


def test_who_is_unknown_is_counted_apart_from_who_needs_you() -> None:
    board = Board((row(1, "unknown"), asking(2), row(3, "unknown")))

    told = plain(top_line(board, 100))

    assert "1 needs you · 2 unknown" in told
    assert [one for one in boards.entries(board.shown) if isinstance(one, str)] == ["needs you 1", "unknown 2"]
