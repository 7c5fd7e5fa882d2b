"""The conversation of the README with the real `claude`, in a real terminal, by keys alone."""

from __future__ import annotations

import json
import signal
import time

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.keyboard import window
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


@either_version
def test_one_conversation_with_three_agents(claude: Fleet, api: MessagesApi) -> None:
    def prompts(name: str) -> list[str]:
        return [entry["text"] for entry in claude.entries("--only", "prompt") if entry["agent"] == name]

    with window(claude, claude.argv("chat"), columns=110, rows=40) as chat:
        eventually(lambda: chat.line.startswith("nobody>"), explain=chat.screen)
        for number, task in enumerate(("say: the routes", "say: the parser", "say: the settings"), 1):
            chat.enter(f"/s --permission-mode default {task}")
            chat.shows(f"Spawned agent-{number}: {task}")
        for number in (1, 2, 3):
            chat.shows(f"-- agent-{number} done")
        chat.enter("@agent-1 say: and an expired token")
        chat.shows("[agent-1] and an expired token")
        eventually(lambda: chat.line.startswith("agent-1 idle"), explain=chat.screen)
        chat.press("Tab")
        eventually(lambda: chat.line.startswith("agent-2 idle"), explain=chat.screen)
        chat.enter("say: after Tab")
        chat.shows("[agent-2] after Tab")

        # A reply that is typed while a dialog opens goes into the line, and approves nothing.
        claude.ok("say", "agent-2", "bash: touch inline")
        chat.type("y 1 say: typed meanwhile")
        chat.shows("agent-2 needs permission: Bash(touch inline)\n  F8")
        chat.press("F8", "M-y")
        chat.shows("there is text in the line: nothing was settled")
        eventually(lambda: chat.line.endswith("> y 1 say: typed meanwhile"), explain=chat.screen)
        chat.press("Enter")
        chat.shows("refused: agent-2 (it needs permission")
        assert "y 1 say: typed meanwhile" in chat.everything()
        assert not (claude.work / "inline").exists()
        # Approved by its key, and the reply is had again.
        press_until(chat.press, lambda: "-- agent-2 approved: Bash(touch inline), by you" in chat.everything())
        eventually((claude.work / "inline").exists)
        claude.wait_state("agent-2", "idle")
        chat.press("Up")
        eventually(lambda: chat.line.endswith("> y 1 say: typed meanwhile"), explain=chat.screen)
        chat.press("Enter")
        eventually(lambda: "y 1 say: typed meanwhile" in prompts("agent-2"))

        # A key that comes as the dialog changes answers nothing.
        calls = [["Bash", {"command": f"touch {name}", "description": name}] for name in ("first", "second")]
        claude.wait_state("agent-2", "idle")
        claude.ok("say", "agent-2", f"calls: {json.dumps(calls)}")
        chat.shows("agent-2 needs permission: Bash(touch first)\n  F8")
        time.sleep(1.2)  # so long it must have stood there, under quiet hands
        chat.send(signal.SIGSTOP)
        claude.ok("approve", "agent-2")
        chat.press("F8")
        chat.send(signal.SIGCONT)
        chat.shows("agent-2 needs permission: Bash(touch second)\n  F8")
        chat.type("z")
        eventually(lambda: chat.line.endswith("> z"), explain=chat.screen)
        eventually((claude.work / "first").exists)
        assert claude.agent("agent-2")["needs"] == "permission"
        assert not (claude.work / "second").exists()
        chat.press("C-c", "C-d")
        assert chat.code() == 0

    assert prompts("agent-1") == ["say: the routes", "say: and an expired token"]
    assert prompts("agent-2")[:2] == ["say: the parser", "say: after Tab"]


def press_until(press: object, there: object) -> None:
    """F8 once the hands have been quiet for a second, until it has settled."""

    def settled() -> bool:
        press("F8")  # type: ignore[operator]
        return bool(there())  # type: ignore[operator]

    eventually(settled, pause=lambda: time.sleep(1.2))
