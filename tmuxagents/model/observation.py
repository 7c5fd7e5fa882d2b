"""What the controller can see of an agent: the input of every kind's `observe`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tmuxagents.model.condition import Settler
from tmuxagents.model.reading import Reading
from tmuxagents.value import Value


class Hook(Value):
    """One payload that the agent program's hook left in the spool. `event` is the hook's name; `ref`
    names the pipe on which a hook that asks takes its answer."""

    event: str
    payload: Mapping[str, Any]
    at_ns: int
    ref: str = ""


class Record(Value):
    """One line of the agent program's own transcript. `source` is `main` or the subagent's id; `file`
    is the transcript's name, which is its conversation's."""

    line: Mapping[str, Any]
    at_ns: int
    source: str = "main"
    file: str = ""


class SelfReport(Value):
    """What the agent program writes about itself somewhere else (Claude's sessions/PID.json)."""

    payload: Mapping[str, Any]
    at_ns: int


class Screen(Value):
    """What its terminal shows, read by the kind's own `read_screen`."""

    reading: Reading
    at_ns: int


class Exit(Value):
    """Its program has ended: the exit code, and the signal's number when one ended it.

    Both are None when the program is gone without a record of how; `gone` says that its window is too,
    or that the terminal was taken from under it. `said` are its last words where it failed.
    """

    code: int | None
    signal: int | None
    at_ns: int
    gone: bool = False
    said: str = ""


class SetUp(Value):
    """How far the set-up of its worktree is: a command `waits` until others are done, or `runs`, or all are `done`."""

    how: Literal["waits", "runs", "done"]
    command: str
    at_ns: int


class Ending(Value):
    """It is being ended by us, and why."""

    why: str
    at_ns: int


class Tick(Value):
    """Time has passed; nothing else has happened."""

    at_ns: int


class Told(Value):
    """What a person was told of a request before the program had told all of it."""

    request: str
    how: str
    at_ns: int


class Denied(Value):
    """The reason that is given to the program with a no to a request."""

    request: str
    reason: str
    at_ns: int


class Settling(Value):
    """Somebody is about to settle that request, or with "" the dialog that stands there; `undone`: they have not;
    `unsure`: they did what they could, and whether it was taken nobody has told."""

    request: str
    settler: Settler
    at_ns: int
    undone: bool = False
    unsure: bool = False


class Outside(Value):
    """What has been changed in its checkout and lies outside its scope: the first paths, and how many there are.
    `shared` says that others may work there too."""

    paths: tuple[str, ...]
    count: int
    shared: bool
    at_ns: int


Observation = Hook | Record | SelfReport | Screen | SetUp | Exit | Ending | Tick | Told | Denied | Settling | Outside
