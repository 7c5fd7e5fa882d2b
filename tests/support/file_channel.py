"""A channel that is added to a copy of the package by this module and one line of `channels.CHANNELS`."""

from __future__ import annotations

from collections.abc import Callable

from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.talk.delivery import Verdict
from tmuxagents.services.talk.keyboard import choose, interrupt, reply
from tmuxagents.services.talk.steps import Heard

__all__ = ["choose", "deliver", "interrupt", "obstacle", "reply"]


def obstacle(app: App, agent: Agent, pane: PaneNow) -> str | None:
    """A file takes a text at any time."""
    return None


def deliver(app: App, agent: Agent, pane: PaneNow, said: str, hear: Callable[[float], Heard]) -> Verdict:
    """Append it, and hear the program's own word."""
    with (app.folder(agent.id) / "echo.jsonl.in").open("a") as file:
        file.write(said + "\n")
    heard = hear(app.config.confirm_s)
    return Verdict("submitted", f"file, then {heard.by}") if heard.how else Verdict("unconfirmed", "no word")
