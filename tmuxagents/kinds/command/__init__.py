"""Any program: its lines are what its terminal shows, its state is whether it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tmuxagents.kinds.base import Channel, Conversation, Launch, Sources, Start
from tmuxagents.kinds.choices import Question
from tmuxagents.model.condition import Condition, Dialog, Request
from tmuxagents.model.decision import Decision
from tmuxagents.model.entry import Draft
from tmuxagents.model.observation import Observation, Tick
from tmuxagents.model.reading import Reading

PROGRAM = "command"
CHANNEL: Channel = "keyboard"
INTERRUPT = "C-c"
SUBMIT = "Enter"
CLEAR = "C-u"
QUIT = None
QUITS: frozenset[str] = frozenset()
FOOTER = ""
BOX = ""
CONFIRMS = False


def launch(start: Start) -> Launch:
    """The program is what stood behind `--`; a TASK becomes its last argument."""
    return Launch(argv=[str(word) for word in start.options.get("args", ())], task=start.task)


def prepared(condition: Condition, start: Start, at_ns: int) -> Condition:
    """Nothing is to be known of it beforehand."""
    return condition


def settings_files(env: Mapping[str, str]) -> Sequence[Path]:
    """None: we know nothing of the program."""
    return ()


def sources(condition: Condition, folder: Path) -> Sources:
    """Its screen."""
    return Sources(screen=True)


def conversations(condition: Condition, folder: Path) -> Sequence[Conversation]:
    """It keeps none that we know of."""
    return []


def gone_back(condition: Condition, conversation: str, at_ns: int) -> Condition:
    """It has no other."""
    return condition


def observe(condition: Condition, seen: Observation) -> tuple[Condition, list[Draft]]:
    """It works from the moment it was started."""
    if condition.state in ("starting", "unknown") and isinstance(seen, Tick):
        return replace(condition, state="working", since_ns=seen.at_ns, evidence="its program runs"), []
    return condition, []


def due_ns(condition: Condition) -> int | None:
    """Nothing changes by time alone."""
    return None


def anew(condition: Condition) -> Condition:
    """Its output says nothing about it."""
    return condition


def read_screen(rows: Sequence[str]) -> Reading:
    """We cannot tell a prompt from a dialog, so every screen counts as a place to type."""
    from tmuxagents.kinds import tui

    return Reading(draft="", tail=tuple(row for row in tui.plain(rows) if row)[-12:])


def shown_by(dialog: Dialog, waiting: Sequence[Request]) -> Request | None:
    """It makes no requests."""
    return None


def questions(request: Request) -> Sequence[Question]:
    """It makes no requests."""
    return ()


def reply(request: Request, decision: Decision) -> str | None:
    """It takes keys."""
    return None


def typed(text: str) -> str:
    """As it is."""
    return text


def command_of(text: str) -> str | None:
    """It has no commands of its own."""
    return None
