"""Who was started is selected, unless somebody has gone on."""

from __future__ import annotations

import pytest

from tests.output.dashboard.rows import row
from tests.tui.top.hand import Desk, hands, press, seen, write
from tmuxagents.tui.top.beside import Done
from tmuxagents.tui.top.hands import Hands


def start(made: Hands, desk: Desk) -> None:
    """Have `agent-9` started, as far as is known."""
    press(made, "+", 2.0)
    write(made, desk, "task")
    made.key("enter", None, 3.0)


def test_who_was_started_is_selected_once_it_is_there() -> None:
    made, desk = hands(row(1), row(2))
    start(made, desk)
    made.finished(Done("started agent-9", new="id-9"))
    seen(made, row(1), row(2), now_s=3.5)
    assert made.sight.view.board.selected == "id-1"
    seen(made, row(1), row(2), row(9), now_s=4.0)
    assert made.sight.view.board.selected == "id-9"

    made.key("up", None, 5.0)
    seen(made, row(1), row(2), row(9), now_s=6.0)
    assert made.sight.view.board.selected == "id-2"


@pytest.mark.parametrize("late", [False, True], ids=["before it is known", "before it is seen"])
def test_nobody_is_selected_under_a_hand_that_has_gone_on(late: bool) -> None:
    made, desk = hands(row(1), row(2))
    start(made, desk)
    if late:
        made.finished(Done("started agent-9", new="id-9"))
    made.key("down", None, 3.5)
    if not late:
        made.finished(Done("started agent-9", new="id-9"))
    seen(made, row(1), row(2), row(9), now_s=4.0)

    assert made.sight.view.board.selected == "id-2"


def test_who_was_started_and_is_hidden_by_the_filter_is_told() -> None:
    made, desk = hands(row(1, "idle"), row(2))
    press(made, "/", 0.0)
    write(made, desk, "state:idle")
    made.key("enter", None, 0.5)
    start(made, desk)
    made.finished(Done("started agent-9", new="id-9"))
    seen(made, row(1, "idle"), row(2), row(9), now_s=4.0)

    assert made.sight.view.board.selected == "id-1"
    assert made.sight.view.told[0] == "started agent-9; the filter hides it"


def test_who_is_seen_before_it_is_known_for_the_new_one_is_selected_all_the_same() -> None:
    made, desk = hands(row(1))
    start(made, desk)
    seen(made, row(1), row(9), now_s=3.5)
    made.finished(Done("started agent-9", new="id-9"))

    assert made.sight.view.board.selected == "id-9"
