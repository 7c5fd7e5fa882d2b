"""In the dashboard what comes with a paste is text, and its keys, its mouse and what its terminal tells are that."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from tests.support.pasted import cuts, hostile, reads
from tmuxagents.tui.pasting import BEGIN, END, QUIET_AGAIN_S, QUIET_S
from tmuxagents.tui.top.typed import CameWith, Typed


@dataclass(slots=True)
class Terminal:
    """What is fed at which moment, and what came of it."""

    told: list[Message] = field(default_factory=list)
    now_s: float = 100.0
    typed: Typed = field(default_factory=Typed)

    def read(self, data: str, after_s: float = 0.0) -> None:
        self.now_s += after_s
        self.told += self.typed.fed(data, self.now_s)

    @property
    def text(self) -> str:
        """Of all that was pasted."""
        return "".join(one.text for one in self.told if isinstance(one, events.Paste))

    @property
    def others(self) -> list[str]:
        """The keys, and what else was told."""
        return [
            one.key if isinstance(one, events.Key) else type(one).__name__
            for one in self.told
            if not isinstance(one, events.Paste)
        ]

    @property
    def overran(self) -> bool:
        return any(isinstance(one, CameWith) for one in self.told)


@given(hostile("1", "\x1b[<0;3;3M", "q"), cuts)
def test_nothing_that_came_with_a_paste_is_a_key_or_a_click(pasted: str, sizes: list[int]) -> None:
    terminal = Terminal()
    for data in reads(pasted, sizes):
        terminal.read(data, 0.001)
    terminal.read(END)  # should another one have been begun in it
    terminal.read("k", 2 * QUIET_AGAIN_S)

    assert [told for told in terminal.others if told not in ("AppFocus", "AppBlur")] == ["k"]


@given(st.text(max_size=30), st.integers(1, 12))
def test_a_paste_is_its_text_with_its_escapes_however_it_is_cut(pasted: str, size: int) -> None:
    pasted = pasted.replace(END, "")
    terminal = Terminal()
    for data in reads(pasted, [size]):
        terminal.read(data, 0.001)
    terminal.read("\r", QUIET_S)

    assert (terminal.text, terminal.others, terminal.overran) == (pasted, ["enter"], False)


def test_keys_are_keys_again_after_a_quiet_second() -> None:
    terminal = Terminal()
    terminal.read(f"{BEGIN}x {END}\r{'y' * 5000}")
    terminal.read("\r\r1\r\x1b[19~", QUIET_AGAIN_S - 0.01)
    assert (terminal.others, terminal.overran) == ([], True)

    terminal.read("\x1b[19~1", QUIET_AGAIN_S)
    assert terminal.others == ["f8", "1"]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_mouse_that_moves_right_behind_a_paste_is_no_text_of_it(cut: int) -> None:
    moved = "\x1b[<35;9;9M"
    terminal = Terminal()
    terminal.read(f"{BEGIN}a{END}{moved}\x1b[I{moved[:cut]}")
    terminal.read(moved[cut:], QUIET_S)
    terminal.read("k", QUIET_S)

    assert (terminal.text, terminal.others, terminal.overran) == ("a", ["AppFocus", "k"], False)


def test_an_escape_that_was_pressed_before_a_paste_stays_before_it() -> None:
    terminal = Terminal()
    terminal.read(f"\x1b{BEGIN}a{END}")

    assert [type(one) for one in terminal.told] == [events.Key, events.Paste]
