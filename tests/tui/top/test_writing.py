"""The line that is typed: what becomes of it, and what stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import asking, row
from tests.tui.top.hand import hands, press, press_one, seen, write
from tmuxagents.tui.top.beside import Done


@given(st.text(st.sampled_from("ynNcqxspra1.?/ "), max_size=20))
def test_while_a_line_is_typed_no_printable_key_does_anything(keys: str) -> None:
    made, desk = hands(asking(1), row(2, "idle"))
    press(made, "2", 0.0)
    press(made, "t", 0.0)
    # A front gives these to its line; whatever comes here does nothing.
    press(made, keys, 10.0)

    assert not desk.begun
    assert desk.left is None
    assert made.is_typing


def test_what_was_typed_stays_with_its_agent_and_what_is_refused_does() -> None:
    made, desk = hands(row(1, "idle"), row(2, "idle"))
    press(made, "1", 0.0)
    press(made, "t", 2.0)
    write(made, desk, "half a thou")
    made.key("escape", None, 3.0)

    press(made, "2", 5.0)
    press(made, "t", 6.0)
    assert desk.typed == ""
    made.key("escape", None, 7.0)

    press(made, "1", 9.0)
    press(made, "t", 10.0)
    assert desk.typed == "half a thou"
    write(made, desk, "half a thought")
    made.key("enter", None, 10.5)
    assert len(desk.begun) == 1
    press(made, "t", 11.0)
    assert desk.typed == ""
    write(made, desk, "and more")
    made.key("escape", None, 11.5)
    desk.undone[0]()
    made.finished(Done("refused: agent-1 (a dialog is open)", good=False))
    press(made, "t", 12.0)
    assert desk.typed == "half a thought\nand more"


def test_a_line_is_said_to_the_one_it_was_begun_for_whatever_the_list_does() -> None:
    made, desk = hands(row(1, "idle"), row(2, "working"))
    press(made, "2", 0.0)
    press(made, "t", 2.0)

    seen(made, row(2, "working"), now_s=3.0)
    write(made, desk, "hello")
    made.key("enter", None, 4.0)

    assert len(desk.begun) == 1
    assert "agent-1" in made.sight.view.told[0]


def test_an_enter_that_is_held_attaches_to_nobody() -> None:
    made, desk = hands(row(1, "idle"))
    press(made, "t", 2.0)
    write(made, desk, "go on")
    for at in (3.0, 3.3, 3.6):
        press_one(made, "enter", at)
    assert len(desk.begun) == 1

    press_one(made, "enter", 6.0)
    assert len(desk.begun) == 2


def test_a_filter_is_seen_at_once_and_esc_takes_it_back() -> None:
    made, desk = hands(row(1, "idle"), row(2))
    press(made, "/", 0.0)
    write(made, desk, "state:idle")
    assert [one.name for one in made.sight.view.board.shown] == ["agent-1"]

    made.key("escape", None, 1.0)
    assert len(made.sight.view.board.shown) == 2

    press(made, "/", 2.0)
    write(made, desk, "state:idle")
    made.key("enter", None, 2.5)
    made.key("escape", None, 3.0)
    assert made.sight.view.board.filter == ""
    assert not desk.begun


def test_what_is_refused_says_where_it_is() -> None:
    made, desk = hands(row(1, "idle"))
    press(made, "t", 2.0)
    write(made, desk, "yes please")
    made.key("enter", None, 3.0)

    assert desk.undone[0]().startswith("t has it still")
    press(made, "t", 5.0)
    assert desk.typed == "yes please"


def test_a_task_starts_an_agent_with_the_options_before_it_and_once() -> None:
    made, desk = hands()
    press(made, "+", 2.0)
    write(made, desk, "--name api -w look at it\nand mend it -- all")
    made.key("enter", None, 3.0)
    made.key("enter", None, 3.1)

    assert len(desk.begun) == 1
    assert desk.commands == [("spawn", "--json", "--name", "api", "-w", "look at it\nand mend it -- all")]
    assert not made.is_typing
    press(made, "+", 5.0)
    made.key("enter", None, 6.0)
    assert len(desk.begun) == 1


def test_a_task_that_cannot_be_read_stays_in_its_line() -> None:
    made, desk = hands(row(1))
    press(made, "+", 2.0)
    write(made, desk, "--nam api look")
    made.key("enter", None, 3.0)

    assert not desk.begun
    assert made.is_typing
    assert made.sight.view.told[0] == "there is no option --nam"


def test_a_task_that_was_left_or_refused_is_in_its_line_again() -> None:
    made, desk = hands(row(1))
    press(made, "+", 2.0)
    write(made, desk, "half a ta")
    made.key("escape", None, 3.0)
    assert made.sight.view.told[0] == "what you typed stays behind +"

    press(made, "+", 4.0)
    assert desk.typed == "half a ta"
    made.key("enter", None, 5.0)
    assert desk.undone[0]() == "+ has it still"
    press(made, "t", 7.0)
    assert desk.typed == ""
    made.key("escape", None, 8.0)
    press(made, "+", 9.0)
    assert desk.typed == "half a ta"


def test_in_a_word_a_plus_opens_no_line() -> None:
    made, _ = hands(row(1, "ended"))
    press(made, "c++ build", 2.0)

    assert not made.is_typing
