"""What was entered stands in a file until it has ended, and is told by the next chat where it has not."""

from __future__ import annotations

import os
from pathlib import Path

from tmuxagents.chat import unfinished
from tmuxagents.chat.sending import Sending
from tmuxagents.names import AgentId
from tmuxagents.tui.chat import ledger
from tmuxagents.tui.chat.ledger import Ledger

A = AgentId("a")


def entered(*texts: str) -> list[tuple[str, Sending]]:
    return [(text, Sending(A, "api", text)) for text in texts]


def told(raw: bytes) -> list[str]:
    return ["".join(text for _, text in unfinished.row(one)) for one in unfinished.read(raw)]


def died(kept: Ledger) -> None:
    """What the kernel does."""
    assert kept._file is not None
    os.close(kept._file[0])


def test_of_a_dead_chat_each_text_without_an_end_is_told_once_and_what_lives_is_left_alone(tmp_path: Path) -> None:
    lives, dead = (Ledger(tmp_path, lambda: 0) for _ in range(2))
    lives.begin(entered("mine"))
    dead.begin(entered("one", "two", "three", "four"))
    dead.tried("one", 7)
    dead.ended("one", "submitted", "", 0)
    dead.tried("two", 7)
    dead.tried("three", 7)
    dead.ended("three", "refused", "it needs permission", 1)
    died(dead)

    with ledger.left(tmp_path) as found:
        rows = [row for raw in found for row in told(raw)]
    with ledger.left(tmp_path) as again:
        assert again == []

    assert rows == [
        "  unconfirmed: api (the chat was cut off before it was known): two",
        "  refused: api (it needs permission): three",
        "  not sent: api (the chat was cut off before): four",
    ]


def test_what_was_all_told_is_forgotten_with_the_next_line(tmp_path: Path) -> None:
    printed = [0]
    kept = Ledger(tmp_path, lambda: printed[0])
    kept.begin(entered("one"))
    kept.ended("one", "refused", "no", 1)
    kept.begin(entered("two"))
    kept.ended("two", "refused", "no", 2)
    (path,) = tmp_path.iterdir()
    assert len(told(path.read_bytes())) == 2
    printed[0] = 2
    kept.begin(entered("three"))

    assert told(path.read_bytes()) == ["  not sent: api (the chat was cut off before): three"]
    kept.close(told=False)
    assert path.exists()


def test_a_chat_that_told_all_and_one_with_nothing_to_tell_leave_no_file(tmp_path: Path) -> None:
    first, second = (Ledger(tmp_path, lambda: 0) for _ in range(2))
    first.begin(entered("one"))
    first.close(told=True)
    second.begin(entered("one"))
    second.ended("one", "held", "message 1 waits", 1)
    second.close(told=False)

    assert list(tmp_path.iterdir()) == []


def test_a_row_that_was_cut_off_takes_none_of_the_others_with_it() -> None:
    whole = b'{"key": "1", "to": "a", "name": "api", "text": "one"}'
    raw = b"\n".join([b"", whole, b"", b'{"key": "2", "to"', b"[1]", b'{"key": "9", "mark": 1}', b"\xff"])

    assert told(raw) == ["  not sent: api (the chat was cut off before): one"]
