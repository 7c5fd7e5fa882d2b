"""How an agent is spoken to: by the channel that its kind declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import Refused
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Dialog, Request
from tmuxagents.services.app import App
from tmuxagents.services.talk import keyboard
from tmuxagents.services.talk.delivery import Verdict
from tmuxagents.services.talk.dialog_keys import Outcome
from tmuxagents.services.talk.steps import Claim, Heard, HearEnd, Seen


class Channel(Protocol):
    """What a channel does, a module beside this one. Whoever calls holds the agent's lock, has found its
    program running, and judges by the agent's own evidence what came of it."""

    def obstacle(self, app: App, agent: Agent, pane: PaneNow) -> str | None:
        """Why a held text is not even tried now; None when it may be. Asked without the lock."""

    def deliver(self, app: App, agent: Agent, pane: PaneNow, said: str, hear: Callable[[float], Heard]) -> Verdict:
        """Hand the text over; `hear` waits so many seconds for the agent's own word that it has it."""

    def interrupt(self, app: App, agent: Agent, pane: PaneNow) -> None:
        """Have the running turn stopped; `Refused` where that cannot be done now."""

    def reply(self, app: App, agent: Agent, request: Request, line: str) -> bool:
        """Answer a request with the line that its kind makes of the decision; False when it takes no answer
        there (any more). Called without the lock: it reaches that request or none."""

    def choose(
        self,
        app: App,
        agent: Agent,
        pane: PaneNow,
        dialog: Dialog,
        wanted: Sequence[int] | None,
        seen: Seen,
        tell: Callable[[Claim | HearEnd], bool],
    ) -> Outcome:
        """Choose in the dialog that was `seen` on the screen; None as the choice leaves it. `tell` answers the steps
        that say who settles it, before the key that decides, and that hear what its program tells."""


# A channel is a module with these functions, and a line here: the name that a kind declares.
CHANNELS: Mapping[str, Channel] = {
    "keyboard": keyboard,
}


def find(agent: Agent) -> Channel | None:
    """The channel by which that agent is spoken to; None where its kind declares one that is not here, or where it
    runs without a terminal, which takes nothing until it has ended."""
    if agent.is_headless:
        return None
    return CHANNELS.get(registry.kind(agent.kind).CHANNEL)


def of(agent: Agent) -> Channel:
    """The same; `Refused` where there is none."""
    channel = find(agent)
    if channel is None:
        raise unknown(agent)
    return channel


def unknown(agent: Agent) -> Refused:
    """Why that agent cannot be spoken to."""
    if agent.is_headless:
        words = f"{agent.name} runs without a terminal and takes nothing until it has ended"
        return Refused(words, hint=f"tmuxagents wait {agent.name} --for ended,failed")
    name = registry.kind(agent.kind).CHANNEL
    words = f"kind '{agent.kind}' is spoken to by '{name}', a channel that is not known here"
    return Refused(words, hint=f"tmuxagents attach {agent.name}")
