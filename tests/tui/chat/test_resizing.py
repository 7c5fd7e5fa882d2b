"""A window that gets another width: one line, and the whole stream, whatever stood in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

from tests.support.fleet import Fleet, eventually
from tests.support.keyboard import Window, window

DEMO = ("--kind", "demo")
AT_ONCE = ("--", "--speed", "0")
LONG = "a text that is longer than the window is wide, so that it is wrapped, 漢字漢字漢字 are wide, and so on "
COUNT = 30


@pytest.fixture
def chat(fleet: Fleet) -> Iterator[Window]:
    """A chat with a stream that has filled its window, a long prompt, a dialog and a text that takes several rows."""
    fleet.ok("spawn", *DEMO, "--name", "api", f"permission: Bash {'echo a && ' * 12}make", *AT_ONCE)
    fleet.ok("spawn", *DEMO, "--name", "an-agent-with-a-long-name", "say: hello", *AT_ONCE)
    fleet.wait_for("an-agent-with-a-long-name", lambda agent: agent["turns"] == 1)
    with window(fleet, fleet.argv("chat")) as made:
        made.shows("api needs permission")
        fleet.ok("say", "an-agent-with-a-long-name", *(said("begin", COUNT),))
        made.shows(f"] begin {COUNT - 1} is")
        made.shows("-- an-agent-with-a-long-name done")
        yield made


def said(word: str, count: int) -> str:
    return "\n".join(f"say: {word} {number} is told once and then never again" for number in range(count))


def is_whole(chat: Window, typed: str) -> None:
    """As soon as what was typed is there the line stands there once, and the dialog, and the whole stream."""

    def drawn() -> bool:
        return chat.everything().replace("\n", "").replace(" ", "").endswith(typed.replace(" ", ""))

    eventually(drawn, explain=chat.screen)
    assert len(re.findall("^an-agent", chat.screen(), re.MULTILINE)) == 1, chat.screen()
    assert len(re.findall("^api needs", chat.screen(), re.MULTILINE)) == 1, chat.screen()
    assert told(chat, "begin") == [str(number) for number in range(COUNT)], chat.everything()


def told(chat: Window, word: str) -> list[str]:
    return re.findall(rf"^\[an-agent\S*\]\s+{word} (\d+) is", chat.everything(), re.MULTILINE)


def narrowed(chat: Window, widths: Sequence[int]) -> None:
    typed = LONG
    chat.type(typed)
    is_whole(chat, typed)
    for columns in widths:
        chat.resize(columns, 30)
        chat.type("x")
        typed += "x"
        is_whole(chat, typed)


def test_a_window_that_gets_another_width_holds_one_line_and_the_whole_stream(chat: Window) -> None:
    narrowed(chat, (60, 40, 100))
    # What was cleared at the end of a row is no part of it any more.
    chat.press("C-u")
    chat.type("short")
    is_whole(chat, "short")
    chat.resize(45, 30)
    chat.press("BSpace")
    is_whole(chat, "shor")


@pytest.mark.soak
def test_whichever_widths_come_after_one_another_it_is_so(chat: Window) -> None:
    narrowed(chat, (99, 41, 100, 30, 80, 60, 59, 58, 31, 100, 25))


@pytest.mark.soak
def test_a_window_that_is_dragged_while_agents_talk_loses_nothing(fleet: Fleet, chat: Window) -> None:
    chat.type(LONG)
    fleet.ok("say", "an-agent-with-a-long-name", said("while", COUNT))
    for columns in (60, 40, 100, 41, 99, 30, 80) * 3:
        chat.resize(columns, 30)
    chat.shows(f"] while {COUNT - 1} is")

    for word in ("begin", "while"):
        assert told(chat, word) == [str(number) for number in range(COUNT)], chat.everything()
