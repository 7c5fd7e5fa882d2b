"""What a chord is, and what only looks like one."""

from __future__ import annotations

import pytest
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from tmuxagents.tui.chat.framed import ALONE, NO, YES, told_apart


def pressed(*reads: str, flushed: bool = False) -> list[str]:
    """The keys that these reads are, as the keyboard tells them."""
    buffer: list[KeyPress] = []
    parser = Vt100Parser(buffer.append)
    found: list[KeyPress] = []
    split = False
    for data in reads:
        parser.feed(data)
        found += told_apart(list(buffer), split=split)
        split = data.endswith("\x1b")
        buffer.clear()
    if flushed:
        parser.flush()
        found += told_apart(list(buffer), split=True)
    return [getattr(key.key, "value", key.key) for key in found]


@pytest.mark.parametrize(("data", "key"), [("\x1by", YES), ("\x1bn", NO), ("\x1b[19~", YES), ("\x1b[20~", NO)])
def test_a_chord_is_one_key(data: str, key: Keys) -> None:
    assert pressed(data) == [key.value]


def test_esc_and_then_a_letter_are_esc_and_that_letter() -> None:
    assert pressed("\x1b", "y") == [ALONE.value, "y"]
    assert pressed("\x1b", "yes") == [ALONE.value, "y", "e", "s"]
    assert pressed("\x1b", flushed=True) == [ALONE.value]


def test_an_arrow_in_two_parts_is_an_arrow() -> None:
    assert pressed("\x1b", "[A") == [Keys.Up.value]


def test_a_paste_is_no_key() -> None:
    assert pressed("\x1b[200~\x1by\n\x1b[201~") == [Keys.BracketedPaste.value]


def test_other_chords_are_as_readline_has_them() -> None:
    assert pressed("\x1b\r") == [Keys.Escape.value, Keys.ControlM.value]
    assert pressed("\x1bb") == [Keys.Escape.value, "b"]
