"""A key settles a dialog, on what was drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import NOW, asking
from tests.tui.top.hand import hands, press, press_one, seen
from tmuxagents.model.condition import Dialog
from tmuxagents.model.settling_key import left_out
from tmuxagents.output.dashboard.pieces import plain
from tmuxagents.tui.top.hands import Hands


def test_a_yes_counts_once_the_dialog_was_there_to_be_read() -> None:
    made, desk = hands(asking(1))

    press_one(made, "f8", 0.4)
    assert not desk.begun
    assert "only just come up" in made.sight.view.told[0]

    press_one(made, "f8", 1.0)
    assert not desk.begun
    assert "less than a second ago" in made.sight.view.told[0]

    press_one(made, "f8", 2.1)
    assert len(desk.begun) == 1


def test_a_yes_as_the_dialog_changes_settles_nothing() -> None:
    made, desk = hands(asking(1))
    made.seen([asking(1, about="rm -rf /", dialog_id="another")], trouble="", graph=None, news="")

    press_one(made, "f8", 5.0)

    assert not desk.begun
    assert "changed" in made.sight.view.told[0]


def test_a_dialog_that_is_not_on_the_screen_is_settled_by_no_key() -> None:
    made, desk = hands(asking(1), size=(40, 10))

    made.key("f8", None, 5.0)

    assert not desk.begun
    assert "on the screen first" in made.sight.view.told[0]


LONG = " ".join(f"echo line {n};" for n in range(260)) + " rm -rf precious"


@pytest.mark.parametrize("keys", ["", " "], ids=["list", "peek"])
@pytest.mark.parametrize("about", ["", LONG.replace("; ", ";\n")], ids=["in one line", "in many"])
def test_a_yes_counts_only_when_the_end_of_what_it_asks_was_on_the_screen(keys: str, about: str) -> None:
    made, desk = hands(asking(1, dialog=Dialog("permission", f"Bash({LONG})", ("Yes", "No"), about=about)))
    press(made, keys, 0.0)

    press_one(made, "f8", 5.0)
    assert not desk.begun
    assert made.sight.view.told[0].startswith("PgDn reads on")

    drawn = read_on(made, 6.0)
    assert any("precious" in line for line in drawn)
    assert {f"line {n};" for n in range(260)} <= set(re.findall(r"line \d+;", " ".join(drawn)))
    press_one(made, "f8", 12.0)
    assert len(desk.begun) == 1


def read_on(made: Hands, now_s: float) -> list[str]:
    """To the end of the dialog; all that was on the screen meanwhile."""
    told: list[str] = []
    while True:
        assert made.sight.drawn is not None
        told += [plain(line).strip() for line in made.sight.drawn.lines]
        if made.sight.drawn.whole:
            return told
        made.key("pagedown", None, now_s)
        made.sight.draw(100, 30, now_ns=NOW, now_s=now_s)


def test_another_dialog_of_the_same_agent_is_shown_from_its_beginning() -> None:
    made, desk = hands(asking(1, about="\n".join(LONG.split("; "))))
    read_on(made, 1.0)
    seen(made, asking(1, about="rm first\n" + "\n".join(LONG.split("; ")), dialog_id="another"), now_s=2.0)

    press_one(made, "f8", 9.0)

    assert not desk.begun
    assert made.sight.drawn is not None
    assert any("rm first" in plain(line) for line in made.sight.drawn.lines)


def test_what_is_learnt_of_a_dialog_after_it_was_read_has_to_be_read() -> None:
    made, desk = hands(asking(1, about="rm build"))
    seen(made, asking(1, about="rm build\n" + "\n".join(LONG.split("; "))), now_s=2.0)

    press_one(made, "f8", 9.0)

    assert not desk.begun


def test_in_another_size_a_dialog_is_read_anew() -> None:
    """Rows that were passed over are longer there: what stood in them was never on the screen."""
    made, desk = hands(asking(1, about=LONG), size=(100, 30))
    made.key("pagedown", None, 1.0)
    made.sight.draw(300, 12, now_ns=NOW, now_s=1.0)
    assert made.sight.view.scroll == 0

    made.sight.draw(4, 4, now_ns=NOW, now_s=2.0)
    made.key("f8", None, 9.0)
    assert not desk.begun


def test_a_dialog_of_which_a_part_is_not_known_is_read_where_it_is() -> None:
    about = f"rm build\n{left_out(12, 'lines')}"
    made, desk = hands(asking(1, about=about))
    press_one(made, "f8", 5.0)
    assert not desk.begun
    assert made.sight.view.told[0].startswith("enter, attach to read it")

    press_one(made, "f9", 7.0)
    assert len(desk.begun) == 1

    made, desk = hands(asking(1, dialog=Dialog("permission", "Bash(rm …", ("Yes", "No"), cut=True)))
    press_one(made, "f8", 5.0)
    assert not desk.begun


def test_no_may_be_said_before_all_was_read() -> None:
    made, desk = hands(asking(1, about="\n".join(LONG.split("; "))))

    press_one(made, "f9", 5.0)

    assert len(desk.begun) == 1


@given(st.sampled_from(["?", "g"]))
def test_a_dialog_that_something_else_hides_has_to_be_read_anew(key: str) -> None:
    made, desk = hands(asking(1, run="night", run_id="r"))
    press(made, key, 3.0)

    press_one(made, "f8", 6.0)

    assert not desk.begun


def test_another_agent_has_to_be_read_anew() -> None:
    made, desk = hands(asking(1), asking(2))
    press(made, "2", 5.0)

    press_one(made, "f8", 5.2)
    assert not desk.begun

    press_one(made, "f8", 6.3)
    assert len(desk.begun) == 1


def test_a_letter_says_which_key_settles() -> None:
    made, desk = hands(asking(1))
    for key, named in {"y": "F8", "n": "F9", "N": "F7", "c": "F6"}.items():
        press(made, key, 5.0)
        assert named in made.sight.view.told[0]
        assert not desk.begun
        assert not made.is_typing


def test_with_alt_a_letter_settles_as_its_key_does() -> None:
    made, desk = hands(asking(1))
    press_one(made, "alt+y", 5.0)
    assert len(desk.begun) == 1
    press_one(made, "alt+r", 10.0)
    assert made.is_typing
