"""What is typed into the list by mistake, for a line that is not open."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import NOW, asking, row
from tests.tui.top.hand import hands, press, press_one
from tmuxagents.output.dashboard.row import Row


def test_what_ends_something_asks_first_and_only_the_key_that_says_yes_is() -> None:
    made, desk = hands(row(1))
    for at, key in enumerate("si"):
        press(made, key, 5.0 * at)
        press_one(made, "f9", 5.0 * at + 1)
        assert not desk.begun
        assert made.sight.view.told[0] == "nothing was done"

    press(made, "s", 12.0)
    press_one(made, "f8", 12.9)
    assert not desk.begun
    assert "stop agent-1? F8 once more" in made.sight.view.told[0]
    press_one(made, "f8", 14.0)
    assert len(desk.begun) == 1


def test_a_word_that_is_typed_into_the_list_does_nothing_that_ends_something() -> None:
    """As by one who thinks that a line is open."""
    for word in ("system\n", "sy", "iy", "ry", "syyyy", "stop it yes\n", "is it yours?\n", "all of it\n", "yes\n", "y"):
        made, desk = hands(row(1, "idle"), row(2), row(3, "ended"))
        for agent in "123":
            at = 10.0 * int(agent)
            press(made, agent, at)
            for number, key in enumerate(word):
                name = {"\n": "enter", " ": "space"}.get(key, key)
                made.key(name, key, at + 5 + number * 0.3)
                made.sight.draw(100, 30, now_ns=NOW, now_s=at + 5)
            assert not desk.begun, word
            if made.is_typing:
                made.key("escape", None, at + 8)


@given(st.text(st.sampled_from("abcdefghilmnopqrstuvwxyz "), min_size=1, max_size=12))
def test_of_a_word_in_the_list_its_first_letter_alone_may_do_something(word: str) -> None:
    made, desk = hands(row(1, "idle"))
    press(made, word, 5.0)

    assert len(desk.begun) <= 1
    assert not desk.begun or word.lstrip("jk")[0] in "px"


@pytest.mark.parametrize("one", [asking(1), row(1, "idle"), row(1), row(1, "ended")], ids=lambda one: one.state)
def test_no_key_that_prints_something_does_by_itself_what_cannot_be_undone(one: Row) -> None:
    """Nor twice, however slowly. What is pinned or dismissed is taken back by the same key; `d` looks."""
    for key in set(string.printable.strip()) - set("px"):
        made, desk = hands(one)
        press(made, key, 5.0)
        if not made.is_typing:
            press(made, key, 10.0)

        assert not desk.begun, key
        assert not desk.given or key == "d"


def test_a_word_leaves_nothing() -> None:
    made, desk = hands(row(1))
    press(made, "required", 5.0)
    assert desk.left is None
    press(made, "q", 8.0)
    assert desk.left == 0


def test_keys_that_move_keep_no_other_waiting() -> None:
    made, desk = hands(row(1, "idle"), row(2, "idle"))
    press(made, "jjx", 5.0)
    assert len(desk.begun) == 1

    press(made, "p", 5.5)
    assert len(desk.begun) == 1
    assert made.sight.view.told[0].startswith("once more")
