"""The one door to an agent program: how it starts, what its traces mean, how it is spoken to.

A kind is a folder here whose `__init__` holds `KIND`, an instance of a class of its own, and a line in
`registry.KINDS`; there is nothing else to add. All of it is pure: data in, data out. What a kind does not say is as
here: a program that keeps no conversation, asks nothing that a hook announces, and takes its text as it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tmuxagents.kinds.choices import Question
from tmuxagents.model.condition import Condition, Dialog, Request
from tmuxagents.model.decision import Decision
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.model.observation import Observation
from tmuxagents.model.reading import Reading
from tmuxagents.value import Value, fresh

Identity = Literal["minted", "learned"]
"""Where a conversation's id comes from: minted by us and given at the start, or learned from the program."""

Folded = tuple[Condition, list[NewEntry]]
"""What an observation makes of a condition, and what is told of it."""


class Guarded(Value):
    """What an agent with a scope may change: `globs` (see `model.scope`) from `top`, the uppermost folder of its
    checkout. `check` runs the program that decides on a call, behind the script `scope.sh`."""

    globs: Sequence[str]
    top: str
    check: Sequence[str]


class Start(Value):
    """What a kind is told when an agent is to be started.

    `folder` is the agent's own (`agents/<id>`), `scripts` where the hook scripts are;
    `resume` says that `conversation` exists and goes on. `settings` are the user's own
    settings files, decoded, most binding last. `env` is the environment it gets, `dir` the folder it
    works in, with no link in its path. `scope` is what it may change, None for everything. `copy` is
    a file with a copy of another agent's conversation, which `conversation` begins with where it does not exist yet.
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
    scope: Guarded | None = None
    copy: Path | None = None


class Launch(Value):
    """How to start the program: its arguments, variables to set and to take away, files to write.

    `task` is given as the last argument. It travels in a file, and so do arguments that are longer together than the
    16 KB that tmux takes.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = fresh(default_factory=dict)
    unset: Sequence[str] = ()
    files: Mapping[str, str] = fresh(default_factory=dict)
    task: str | None = None


class Conversation(Value):
    """A conversation that the program may be started in again: the file that it keeps it in, and byte
    strings of which the file must hold one, where a file alone is not enough. `elsewhere` is the folder in
    whose folders the file is looked for by its name when it is not at its place."""

    id: str
    path: Path
    signs: Sequence[bytes] = ()
    elsewhere: Path | None = None


class Lines(Value):
    """A file of JSON lines that the program appends to. `name` is what its offset is kept under.

    `elsewhere` is as in `Conversation`. `beside` is a folder and a pattern of further such files, which
    come as the program starts subagents: each is a source named `subagent:<stem>`.
    """

    name: str
    path: Path
    elsewhere: Path | None = None
    beside: tuple[Path, str] | None = None


class Reports(Value):
    """A folder in which each running program keeps one report about itself, `<pid>.json`."""

    folder: Path


class Terminal(Value):
    """The pane itself: its lines are what the program says."""


Reader = Lines | Reports | Terminal
"""What is followed of an agent. A log in Markdown or an HTTP stream will be shapes of their own."""


class TrustFile(Value):
    """The program's own JSON file in which it notes the folders that its user trusts. It is locked, as the
    program does it, by making the folder `<path>.lock`."""

    path: Path
    has: Callable[[Mapping[str, Any], str], bool]
    add: Callable[[Mapping[str, Any], Sequence[str]], dict[str, Any]]


class Health(Value):
    """What `doctor` says of a kind: `ok`, `note` or `problem`, about what, and what to type."""

    level: Literal["ok", "note", "problem"]
    name: str
    what: str
    mend: str = ""


class Login(Value):
    """Where a program keeps that somebody is logged in: any of the files, where it holds those bytes."""

    files: Mapping[Path, bytes]


_ASKED = ("instructions", "allowed_tools", "max_turns", "json_schema")


class Kind(ABC):
    """The interface. What has no default must be said by every kind."""

    # What has to be on the PATH, and how it is installed; "" for what comes with us or is named by the user.
    PROGRAM: str = ""
    INSTALL: str = ""
    # Whether the program is the first of what stands behind `--`.
    TAKES_PROGRAM: bool = False
    # What may stand behind --model and --permission-mode; others may too, these are what a shell offers.
    MODELS: Sequence[str] = ()
    PERMISSION_MODES: Sequence[str] = ()
    # How it is spoken to, one of `services/talk/channels`: what is typed at its terminal, its requests on their pipes.
    CHANNEL: str = "keyboard"
    IDENTITY: Identity = "minted"
    # The keys, by tmux's names: stop the turn, send what is in the box, delete the line
    # (several keys with blanks between).
    INTERRUPT: str = "C-c"
    SUBMIT: str = "Enter"
    CLEAR: str = "C-u"
    # What asks the program to end, typed as a prompt whatever the channel; None when only a signal does.
    QUIT: str | None = None
    # The texts that end the program when they are sent.
    QUITS: frozenset[str] = frozenset()
    # A regular expression (tmux's `C/r`) that shows a dialog's footer; "" where there are no dialogs.
    FOOTER: str = ""
    # One that shows the last row of what Escape leaves without settling anything; "" where there is none.
    LEAVE: str = ""
    # One that shows the first row of the input box; "" for a kind that has none.
    BOX: str = ""
    # Whether `launch` has the program's own tools refuse what is outside an agent's scope, before it happens.
    GUARDS: bool = False
    # Whether an agent may begin with a copy of another's conversation (`Start.copy`), which is one of the files that
    # `conversations` names, cut behind any of its lines.
    FORKS: bool = False
    # Whether the program tells what it uses and costs; where it does not, no budget can be kept.
    TELLS_USAGE: bool = False
    # What of `instructions`, `allowed_tools`, `max_turns` and `json_schema` there are words for.
    TAKES: frozenset[str] = frozenset()
    # Whether the program has a way without a terminal (`mode` is `print`), in which it ends with its answer.
    HEADLESS: bool = False
    # Whether the program tells what became of a prompt; where it does not, `say` ends `unconfirmed`.
    CONFIRMS: bool = False
    # Whether it tells how each dialog that it announces has ended, whatever looks the same behind it.
    TELLS_ENDS: bool = False
    # The file in an agent's folder by which a rebuild knows the kind of an agent that nothing else tells of.
    MARK: str = ""
    # The entries that its sources tell again when they are read from their start, and, in a person's words,
    # what they do not.
    RETOLD: frozenset[EntryKind] = frozenset()
    NOT_RETOLD: str = ""

    @abstractmethod
    def launch(self, start: Start) -> Launch:
        """How to start it."""

    def cannot(self, options: Mapping[str, Any]) -> str | None:
        """What of the options the program has no way for, in a person's words; None where it can do all."""
        if options.get("mode") == "print" and not self.HEADLESS:
            return "it has no way without a terminal (--print)"
        missing = [key for key in _ASKED if options.get(key) and key not in self.TAKES]
        if missing:
            return f"it takes no {missing[0].replace('_', ' ')}"
        if options.get("json_schema") is not None and options.get("mode") != "print":
            return "a json schema is for what has no terminal (--print)"
        return None

    def limited_until(self, condition: Condition) -> int | None:
        """When a limit ends that has ended a program without a terminal; None where it was none, or nobody knows."""
        return None

    @abstractmethod
    def readers(self, condition: Condition, folder: Path) -> Sequence[Reader]:
        """What to follow, given what is known so far. `folder` is the agent's own."""

    @abstractmethod
    def observe(self, condition: Condition, seen: Observation) -> Folded:
        """Fold one observation in."""

    def in_order(self, observations: Sequence[Observation]) -> Sequence[Observation]:
        """What was read at once, in the order of time, as it is to be folded."""
        return observations

    @abstractmethod
    def read_screen(self, rows: Sequence[str]) -> Reading:
        """What a screen (rows with SGR attributes) says."""

    def due_ns(self, condition: Condition) -> int | None:
        """When a `Tick` would change something; None when only an observation can."""
        return None

    def prepared(self, condition: Condition, start: Start, at_ns: int) -> Condition:
        """The condition of an agent whose program is about to be started so."""
        return condition

    def settings_files(self, env: Mapping[str, str]) -> Sequence[Path]:
        """The user's own settings files that `launch` and `health` want to know."""
        return ()

    def health(self, settings: Mapping[Path, Mapping[str, Any]]) -> Sequence[Health]:
        """What of the user's own settings would break a promise: what each of the `settings_files` holds."""
        return ()

    def login(self, env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> Login | None:
        """Where to look for a login; None where none is needed, or nobody can know: the environment or the
        settings (of the `settings_files`, decoded) bring one, or the system's own keychain may."""
        return None

    def account(self, env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> str:
        """What tells one account from another, in words that may be shown: its usage is counted to it, and its limits
        are those of all that have the same. "" where nobody knows."""
        return ""

    def trust(self, env: Mapping[str, str]) -> TrustFile | None:
        """Where the program notes the folders that its user trusts; None when it asks for no trust."""
        return None

    def conversations(self, condition: Condition, folder: Path) -> Sequence[Conversation]:
        """What the agent can be started again with, the best first."""
        return ()

    def guards(self, condition: Condition) -> bool:
        """Whether it does so for this agent, as far as is known."""
        return self.GUARDS

    def copied(self, raw: bytes, conversation: str) -> bytes:
        """The whole lines of another agent's conversation, as the copy that this one begins with."""
        return raw

    def gone_back(self, condition: Condition, conversation: str, at_ns: int) -> Condition:
        """The condition of an agent that is started again in that one of its conversations."""
        return condition

    def reset_for_replay(self, condition: Condition) -> Condition:
        """The condition from which its sources are read a second time, from their start: without
        what they tell themselves, with what they do not."""
        return condition

    def as_prompt(self, text: str) -> str:
        """The text as it has to be pasted so that the program takes it as it is."""
        return text

    def command_of(self, text: str) -> str | None:
        """The program's own command that the text would run (`/clear`), whether there is one of that
        name or not; None for a prompt. It is sent when the program's menu offers it, under `Reading.menu`."""
        return None

    def shown_by(self, dialog: Dialog, waiting: Sequence[Request]) -> Request | None:
        """The request that the dialog on the screen belongs to, if it is one of these."""
        return None

    def questions(self, request: Request) -> Sequence[Question]:
        """What a request asks, where it asks questions."""
        return ()

    def reply(self, request: Request, decision: Decision) -> str | None:
        """The line that settles a request, as its channel carries it; None for a kind whose dialogs take only keys."""
        return None

    def is_busy(self, report: Mapping[str, Any]) -> bool:
        """Whether the program's report about itself says that it works."""
        return False
