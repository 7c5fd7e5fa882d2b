"""What comes with a paste is text, however it is cut, and behind its own end mark too."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from tests.support.pasted import cuts, hostile, reads
from tmuxagents.tui.chat.pasting import PasteParser
from tmuxagents.tui.pasting import BEGIN, END, QUIET_AGAIN_S, QUIET_S


@dataclass(slots=True)
class Terminal:
    """What is fed at which moment, and what came of it."""

    keys: list[KeyPress] = field(default_factory=list)
    now_s: float = 100.0
    overran: bool = False
    parser: PasteParser = field(init=False)

    def __post_init__(self) -> None:
        self.parser = PasteParser(self.keys.append)

    def read(self, data: str, after_s: float = 0.0) -> None:
        self.now_s += after_s
        self.overran |= self.parser.fed(data, self.now_s)

    @property
    def text(self) -> str:
        """Of all that is no key."""
        return "".join(key.data for key in self.keys if key.key is Keys.BracketedPaste)

    @property
    def pressed(self) -> list[str]:
        """All that is a key."""
        return [getattr(key.key, "value", key.key) for key in self.keys if key.key is not Keys.BracketedPaste]


@given(hostile("/approve", "x", "\x04"), cuts)
def test_nothing_that_came_with_a_paste_is_a_key(pasted: str, sizes: list[int]) -> None:
    terminal = Terminal()
    for data in reads(pasted, sizes):
        terminal.read(data, 0.001)
    terminal.read(END)  # should another one have been begun in it
    terminal.read("k", 2 * QUIET_AGAIN_S)

    assert terminal.pressed == ["k"]


@given(st.text(max_size=30), st.integers(1, 12))
def test_a_paste_is_its_text_however_it_is_cut(pasted: str, size: int) -> None:
    pasted = pasted.replace("\x1b", "")
    terminal = Terminal()
    for data in reads(pasted, [size]):
        terminal.read(data, 0.001)
    terminal.read("\r", QUIET_S)

    assert (terminal.text, terminal.pressed, terminal.overran) == (pasted, [Keys.ControlM.value], False)


@pytest.mark.parametrize(("pause", "pressed"), [(QUIET_S - 0.01, []), (QUIET_S + 0.01, [Keys.ControlM.value])])
def test_a_key_is_one_as_soon_as_a_hand_can_have_pressed_it(pause: float, pressed: list[str]) -> None:
    terminal = Terminal()
    terminal.read(f"{BEGIN}a{END}")
    terminal.read("\r", pause)

    assert terminal.pressed == pressed


def test_a_paste_that_went_on_is_over_after_a_longer_pause() -> None:
    terminal = Terminal()
    terminal.read(f"{BEGIN}a{END}\r/approve")
    terminal.read("\r", QUIET_AGAIN_S - 0.01)
    terminal.read("\r", QUIET_AGAIN_S - 0.01)
    assert (terminal.text, terminal.pressed, terminal.overran) == ("a\r/approve\r\r", [], True)

    terminal.read("\r", QUIET_AGAIN_S)
    assert terminal.pressed == [Keys.ControlM.value]


def test_one_paste_right_behind_another_is_one_to_its_end_however_slow_it_is() -> None:
    terminal = Terminal()
    terminal.read(f"{BEGIN}a{END}{BEGIN[:3]}")
    terminal.read(f"{BEGIN[3:]}b", 9.0)
    terminal.read(f"\rc{END}", 9.0)

    assert (terminal.text, terminal.pressed, terminal.overran) == ("ab\rc", [], False)


def test_an_escape_at_the_end_makes_no_chord_of_the_next_key() -> None:
    terminal = Terminal()
    terminal.read(f"{BEGIN}a{END}b\x1b")
    terminal.read("y", QUIET_AGAIN_S)

    assert (terminal.text, terminal.pressed) == ("ab\x1b", ["y"])
