"""The conversation of the README in the chat, by keys alone: one script of steps for two casts of agents."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.fleet import Fleet, eventually
from tests.support.keyboard import Window

QUIET_S = 1.2
"""So long a dialog must have stood there under quiet hands: there is no fact to wait for."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Agents that say what they are told to (`say: …`). `options` start one; `asks` is a text on which one asks for
    these commands, one after the other."""

    fleet: Fleet
    chat: Window
    options: str
    asks: Callable[[tuple[str, ...]], str]

    def ask(self, name: str, *commands: str) -> None:
        """Have it ask for the first of these commands, and see it asked."""
        self.fleet.wait_state(name, "idle")
        self.fleet.ok("say", name, self.asks(commands))

    def prompts(self, name: str) -> list[str]:
        """What it was told."""
        return [entry["text"] for entry in self.fleet.entries("--only", "prompt") if entry["agent"] == name]

    def stands(self, name: str, command: str) -> None:
        """Wait until its dialog is drawn."""
        self.chat.shows(f"{name} needs permission: Bash({command})\n  F8")


def three_are_started_and_talked_to(cast: Cast) -> None:
    """By `/s`, by name, and after Tab by a bare text."""
    chat = cast.chat
    eventually(lambda: chat.line.startswith("nobody>"), explain=chat.screen)
    for number, task in enumerate(("say: the routes", "say: the parser", "say: the settings"), 1):
        chat.enter(f"/s {cast.options} {task}")
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

    assert cast.prompts("agent-1") == ["say: the routes", "say: and an expired token"]
    assert cast.prompts("agent-2") == ["say: the parser", "say: after Tab"]


def a_reply_typed_while_a_dialog_opens_is_not_lost_and_approves_nothing(cast: Cast) -> None:
    """Then it is approved by its key, and the reply is had again."""
    chat, reply = cast.chat, "y 1 say: typed meanwhile"
    cast.ask("agent-2", "touch inline")
    chat.type(reply)
    cast.stands("agent-2", "touch inline")
    chat.press("F8", "M-y")
    chat.shows("there is text in the line: nothing was settled")
    eventually(lambda: chat.line.endswith(f"> {reply}"), explain=chat.screen)
    chat.press("Enter")
    chat.shows("refused: agent-2 (it needs permission")
    assert reply in chat.everything()
    assert cast.fleet.agent("agent-2")["needs"] == "permission"

    def approved() -> bool:
        chat.press("M-y")
        return "-- agent-2 approved: Bash(touch inline), by you" in chat.everything()

    # A second must have passed since the key before.
    eventually(approved, explain=chat.screen, pause=lambda: time.sleep(QUIET_S))
    cast.fleet.wait_state("agent-2", "idle")
    chat.press("Up")
    eventually(lambda: chat.line.endswith(f"> {reply}"), explain=chat.screen)
    chat.press("Enter")
    eventually(lambda: reply in cast.prompts("agent-2"))


def a_key_that_comes_as_the_dialog_changes_answers_nothing(cast: Cast) -> None:
    """It draws nothing and hears nothing of the change until it goes on, and finds the key there."""
    chat = cast.chat
    cast.ask("agent-2", "touch first", "touch second")
    cast.stands("agent-2", "touch first")
    time.sleep(QUIET_S)
    chat.send(signal.SIGSTOP)
    cast.fleet.ok("approve", "agent-2")
    eventually(lambda: "Bash(touch second)" in cast.fleet.look("tail", "--no-follow", "agent-2").out)
    chat.press("F8")
    chat.send(signal.SIGCONT)
    cast.stands("agent-2", "touch second")
    # By now the key was heard.
    chat.type("z")
    eventually(lambda: chat.line.endswith("> z"), explain=chat.screen)

    assert cast.fleet.agent("agent-2")["needs"] == "permission"
    assert "approved: Bash(touch second)" not in chat.everything()
