"""What the services may ask of a kind: how it starts, what its traces mean, how it is spoken to.

A kind is a module with these names; `registry.KINDS` lists them. All of it is pure: data in,
data out. A kind that is spoken to over HTTP or a queue will add a value to `Channel`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from tmuxagents.kinds.choices import Question
from tmuxagents.model.condition import Condition, Dialog, Request
from tmuxagents.model.decision import Decision
from tmuxagents.model.entry import Draft
from tmuxagents.model.observation import Observation
from tmuxagents.model.reading import Reading

Channel = Literal["keyboard"]
"""How text reaches the program."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a kind is told when an agent is to be started.

    `folder` is the agent's own (`agents/<id>`), `scripts` where the hook scripts are;
    `resume` says that `conversation` exists and goes on. `settings` are the user's own
    settings files, decoded, most binding last. `env` is the environment it gets, `dir` the folder it
    works in, with no link in its path.
    """

    folder: Path
    scripts: Path
    generation: int
    conversation: str
    resume: bool
    task: str | None
    options: Mapping[str, Any]
    env: Mapping[str, str]
    settings: Sequence[Mapping[str, Any]] = ()
    dir: str = "/"


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start the program: its arguments, variables to set and to take away, files to write.

    `task` is given as the last argument; it travels in a file, because tmux takes 16 KB of arguments.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    unset: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that the program may be started in again: the file that it keeps it in, and byte
    strings of which the file must hold one, where a file alone is not enough."""

    id: str
    path: Path
    signs: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that an agent's program writes: JSON lines by source name, and one report about itself.

    `screen` says that the pane itself is the source of its text. `elsewhere` is the folder in whose
    folders a transcript that is not at its place is looked for by its name.
    """

    transcripts: Mapping[str, Path] = field(default_factory=dict)
    self_reports: Path | None = None
    screen: bool = False
    elsewhere: Path | None = None


class Kind(Protocol):
    """The interface; every member is a module attribute."""

    PROGRAM: str
    CHANNEL: Channel
    # The keys, by tmux's names: stop the turn, send what is in the box, delete the line
    # (several keys with blanks between).
    INTERRUPT: str
    SUBMIT: str
    CLEAR: str
    # What asks the program to end, typed as a prompt; None when only a signal does.
    QUIT: str | None
    # The texts that end the program when they are sent.
    QUITS: frozenset[str]
    # A regular expression (tmux's `C/r`) that shows a dialog's footer.
    FOOTER: str
    # One that shows the first row of the input box; "" for a kind that has none.
    BOX: str
    # Whether the program tells what became of a prompt; where it does not, `say` ends `unconfirmed`.
    CONFIRMS: bool

    def launch(self, start: Start) -> Launch:
        """How to start it."""

    def prepared(self, condition: Condition, start: Start, at_ns: int) -> Condition:
        """The condition of an agent whose program is about to be started so."""

    def settings_files(self, env: Mapping[str, str]) -> Sequence[Path]:
        """The user's own settings files that `launch` wants to know."""

    def sources(self, condition: Condition, folder: Path) -> Sources:
        """What to follow, given what is known so far. `folder` is the agent's own."""

    def conversations(self, condition: Condition, folder: Path) -> Sequence[Conversation]:
        """What the agent can be started again with, the best first."""

    def gone_back(self, condition: Condition, conversation: str, at_ns: int) -> Condition:
        """The condition of an agent that is started again in that one of its conversations."""

    def observe(self, condition: Condition, seen: Observation) -> tuple[Condition, list[Draft]]:
        """Fold one observation in."""

    def due_ns(self, condition: Condition) -> int | None:
        """When a `Tick` would change something; None when only an observation can."""

    def anew(self, condition: Condition) -> Condition:
        """The condition from which its transcripts are read a second time, from their start: without
        what they tell themselves, with what they do not."""

    def read_screen(self, rows: Sequence[str]) -> Reading:
        """What a screen (rows with SGR attributes) says."""

    def typed(self, text: str) -> str:
        """The text as it has to be pasted so that the program takes it as it is."""

    def command_of(self, text: str) -> str | None:
        """The program's own command that the text would run (`/clear`), whether there is one of that
        name or not; None for a prompt. It is sent when the program's menu offers it, under `Reading.menu`."""

    def shown_by(self, dialog: Dialog, waiting: Sequence[Request]) -> Request | None:
        """The request that the dialog on the screen belongs to, if it is one of these."""

    def questions(self, request: Request) -> Sequence[Question]:
        """What a request asks, where it asks questions."""

    def reply(self, request: Request, decision: Decision) -> str | None:
        """The line that settles a request on its pipe; None for a kind whose dialogs take only keys."""
