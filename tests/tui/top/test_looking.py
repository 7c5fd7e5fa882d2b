"""The team is looked at in a thread, whatever becomes of what it is read from."""

from __future__ import annotations

import pytest

from tests.support.fleet import eventually
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.tui.top.looking import Seen, Team


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TmuxagentsError("it is gone", hint="ls"), "it is gone"),
        (FileNotFoundError(2, "No such file or directory"), "cannot be read: No such file or directory"),
    ],
    ids=["refused", "taken away"],
)
def test_what_cannot_be_read_is_told_and_ends_nothing(error: Exception, words: str) -> None:
    told: list[Seen] = []
    broke: list[BaseException] = []

    def opener() -> App:
        raise error

    team = Team(opener, lambda _: True, told.append, broke.append)
    team.start()
    try:
        eventually(lambda: told)
    finally:
        team.stop()

    assert told[0].picture.trouble.endswith(words)
    assert not broke
