"""The terminal of one agent, as thin as can be: look, paste, press, each guarded by tmux itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.drivers import process, tty
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.model.agent import Agent
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.talk.steps import Done, Enlarge, GiveBack, Look, Paste, Press, Seen, Step, T, Talk, drive
from tmuxagents.value import Value


class Terminal(Value):
    """Where one agent's program draws and reads. One call of tmux for each of these.

    Nothing is typed while the program is suspended: it would stay in the terminal, unseen, and be read later
    in one piece with whatever came behind it.
    """

    server: Server
    pane: PaneNow
    kind: Kind
    program: int | None = None

    def look(self) -> Seen:
        """What its screen says now."""
        view = keyboard.view(self.server, self.pane.pane)
        if view is None:
            return Seen(at=clock.monotonic(), ended=True)
        reading = self.kind.read_screen(view.rows)
        return Seen(
            reading=reading,
            at=clock.monotonic(),
            ended=view.dead,
            person_s=_ago(view.person_ns),
            left_s=_ago(view.left_ns),
            width=view.width,
            height=view.height,
            watched=view.watched,
            suspended=self.program if reading.away else self._suspended(),
            # What takes no prompts reads its terminal when it likes.
            unread=self.kind.CONFIRMS and not view.dead and tty.has_unread(view.tty),
        )

    def paste(self, text: str, *, unless: str = "") -> Done:
        """Paste, unless that is shown."""
        if self._suspended() is not None:
            return "held back"
        return keyboard.paste_unless(self.server, self.pane.pane, text, unless)

    def press(self, *keys: str, unless: str = "", only: Sequence[str] = ()) -> Done:
        """Press keys where all of `only` is shown and `unless` is not."""
        if self._suspended() is not None:
            return "held back"
        return keyboard.press_if(self.server, self.pane.pane, keys, only=only, unless=unless)

    def _suspended(self) -> int | None:
        return self.program if self.program is not None and process.is_suspended(self.program) else None


def _ago(moment_ns: int | None) -> float | None:
    return None if moment_ns is None else max(0.0, (clock.now_ns() - moment_ns) / clock.SECOND)


def of(app: App, agent: Agent, pane: PaneNow) -> Terminal:
    """The terminal of that start of that agent."""
    program = agent_folder.program_pid(app.folder(agent.id), agent.generation)
    return Terminal(app.server, pane, registry.kind(agent.kind), program)


def _nothing_else(step: Step) -> Any:
    raise AssertionError(step)


def perform(talk: Talk[T], terminal: Terminal, otherwise: Callable[[Step], Any] = _nothing_else) -> T:
    """Carry a conversation out, to its end; `otherwise` does the steps that no terminal can."""

    def answer(step: Step) -> Any:
        match step:
            case Look():
                if step.after > 0:
                    time.sleep(step.after)
                return terminal.look()
            case Paste():
                return terminal.paste(step.text, unless=step.unless)
            case Press():
                return terminal.press(*step.keys, unless=step.unless, only=step.only)
            case Enlarge():
                return keyboard.enlarge(terminal.server, terminal.pane.pane)
            case GiveBack():
                return keyboard.give_back(terminal.server, terminal.pane.pane)
            case _:
                return otherwise(step)

    return drive(talk, answer)
