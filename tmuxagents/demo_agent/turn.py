"""Play one prompt, step by step, stopping wherever it has to wait."""

import os
import signal
import time
from collections.abc import Generator
from typing import Protocol, assert_never

from tmuxagents.demo_agent import scripts
from tmuxagents.demo_agent.box import Dialog, message
from tmuxagents.demo_agent.keys import Key, Press, Typed
from tmuxagents.demo_agent.scripts import Step
from tmuxagents.value import Value, fresh, replace

CANCELLED = 0
_TITLES = {"Bash": "Bash command"}
_FLOOD_BLOCK = 100

Waits = Generator[float | None, int | None, None]
"""Yields the seconds to wait, or None to wait for a choice; is sent the choice's number."""


class Over(Exception):
    """The program ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Stage(Protocol):
    """Where a turn shows itself."""

    def print(self, text: str) -> None: ...
    def print_raw(self, line: bytes) -> None: ...
    def report(self, event: str, **fields: object) -> None: ...
    def swallow(self, enters: int) -> None: ...
    def go_deaf(self) -> None: ...
    def spend(self, usd: float, tokens: int) -> None: ...


class Turn(Value, frozen=False):
    """One prompt being worked on; `wake_at` is None while it waits for a choice or for ever."""

    prompt: str
    stage: Stage
    speed: float
    steps: int = 0
    said: list[str] = fresh(default_factory=list)
    puts_back: bool = False
    limit: scripts.Limit | None = None
    dialog: Dialog | None = None
    wake_at: float | None = fresh(default_factory=time.monotonic)
    _waits: Waits | None = None

    def go_on(self, choice: int | None = None) -> bool:
        """Work until the next wait; False when the turn is over."""
        self._waits = self._waits or self._play()
        try:
            wait = self._waits.send(choice)
        except StopIteration:
            return False
        self.wake_at = None if wait is None else time.monotonic() + wait
        return True

    def press(self, dialog: Dialog, key: Key) -> bool:
        """Take a key for the open dialog; False when that ended the turn."""
        last = len(dialog.choices)
        match key:
            case Typed(digit) if digit in "123456789" and int(digit) <= last:
                return self._choose(int(digit))
            case Press.ENTER:
                return self._choose(dialog.chosen)
            case Press.ESCAPE | Press.INTERRUPT:
                return self._choose(CANCELLED)
            case Press.UP:
                self.dialog = replace(dialog, chosen=max(1, dialog.chosen - 1))
            case Press.DOWN:
                self.dialog = replace(dialog, chosen=min(last, dialog.chosen + 1))
            case _:
                pass  # Text is thrown away, pasted or typed, as Claude does.
        return True

    def _choose(self, number: int) -> bool:
        self.dialog = None
        return self.go_on(number)

    def _play(self) -> Waits:
        for step in scripts.steps(self.prompt):
            if isinstance(step, scripts.Limit):
                self.limit = step
                return
            yield from self._step(step)

    def _step(self, step: Step) -> Waits:
        match step:
            case scripts.Limit():
                raise AssertionError("it ends the turn")
            case scripts.Say(text):
                self._say(text)
            case scripts.Tool(name, target):
                self._use(name, target)
            case scripts.Think(seconds):
                yield self._paced(seconds)
            case scripts.Permission(tool, target):
                yield from self._permission(tool, target)
            case scripts.Question(text, choices):
                yield from self._question(text, choices)
            case scripts.Unannounced(text):
                self.dialog = Dialog("Notice", text, "Do you want to proceed?", ("Yes", "No"))
                yield None
            case scripts.Flood(lines):
                yield from self._flood(lines)
            case scripts.Hang():
                self.stage.go_deaf()
                yield None
            case _:
                self._misbehave(step)

    def _misbehave(
        self,
        step: scripts.Swallow | scripts.Die | scripts.Kill | scripts.Hostile | scripts.PutBack | scripts.Spend,
    ) -> None:
        match step:
            case scripts.Spend(usd, tokens):
                self.stage.spend(usd, tokens)
            case scripts.Swallow(enters):
                self.stage.swallow(enters)
            case scripts.Die(code):
                raise Over(code)
            case scripts.Kill():
                os.kill(os.getpid(), signal.SIGKILL)
            case scripts.Hostile():
                # The last two bytes are C1 controls that are no UTF-8.
                self.stage.print_raw(message(scripts.HOSTILE).encode() + b"\x9b\x9d")
                self._said_now(scripts.HOSTILE)
            case scripts.PutBack():
                self.puts_back = True
            case _:
                assert_never(step)

    def _paced(self, seconds: float) -> float:
        return max(0.0, seconds) / self.speed if self.speed else 0.0

    def _say(self, text: str) -> None:
        self.stage.print(message(text) + "\n")
        self._said_now(text)

    def _said_now(self, text: str) -> None:
        self.steps += 1
        self.said.append(text)
        self.stage.report("text", text=text)

    def _use(self, name: str, target: str) -> None:
        self.steps += 1
        self.stage.print(message(f"{name}({target})") + "\n")
        self.stage.report("tool", name=name, target=target)

    def _permission(self, tool: str, target: str) -> Waits:
        dialog = Dialog(_TITLES.get(tool, f"{tool} file"), target, "Do you want to proceed?", ("Yes", "No"))
        self.dialog = dialog
        self.stage.report("permission", tool=tool, target=target, choices=list(dialog.choices))
        allowed = (yield None) == 1
        self.stage.report("answered", choice="Yes" if allowed else "No", allowed=allowed)
        if allowed:
            self._use(tool, target)
        self._say(f"{'done' if allowed else 'not done'}: {target}")

    def _question(self, text: str, choices: tuple[str, ...]) -> Waits:
        self.dialog = Dialog("Question", "", text, choices)
        self.stage.report("question", question=text, choices=list(choices))
        number = (yield None) or CANCELLED
        label = choices[number - 1] if number else ""
        self.stage.report("answered", choice=label, allowed=number != CANCELLED)
        self._say(f"you chose {label}" if number else "you chose nothing")

    def _flood(self, lines: int) -> Waits:
        for first in range(1, lines + 1, _FLOOD_BLOCK):
            block = range(first, min(lines, first + _FLOOD_BLOCK - 1) + 1)
            self._say("\n".join(f"line {number} of {lines}" for number in block))
            yield 0.0
