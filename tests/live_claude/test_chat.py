"""The conversation of the README with the real `claude`, in a real terminal, by keys alone."""

from __future__ import annotations

import json

import pytest

from tests.conftest import either_version
from tests.support import conversation
from tests.support.conversation import Cast
from tests.support.fleet import Fleet, eventually
from tests.support.keyboard import window
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


def asks(commands: tuple[str, ...]) -> str:
    calls = [["Bash", {"command": command, "description": command}] for command in commands]
    return f"calls: {json.dumps(calls)}"


@either_version
def test_one_conversation_with_three_agents(claude: Fleet, api: MessagesApi) -> None:
    with window(claude, claude.argv("chat"), columns=110, rows=40) as chat:
        cast = Cast(claude, chat, "--permission-mode default", asks)
        conversation.three_are_started_and_talked_to(cast)
        conversation.a_reply_typed_while_a_dialog_opens_is_not_lost_and_approves_nothing(cast)
        assert (claude.work / "inline").exists()
        conversation.a_key_that_comes_as_the_dialog_changes_answers_nothing(cast)
        eventually((claude.work / "first").exists)
        assert not (claude.work / "second").exists()
        chat.press("C-c", "C-d")
        assert chat.code() == 0
