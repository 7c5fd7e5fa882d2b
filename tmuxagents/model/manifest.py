"""A run as somebody wrote it: its tasks, what each waits for, and what bounds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tmuxagents.value import Value, fresh

Mode = Literal["terminal", "print"]
"""`terminal`: the program as a person uses it; `print`: its way without a terminal, for what nobody will talk to."""

Late = Literal["stop", "keep"]
"""What becomes of the tasks of a join that it did not wait for."""


class Place(Value):
    """Where in the manifest something was written; lines and columns begin with 1, 0 where nobody wrote it."""

    line: int = 0
    column: int = 0


class ForEach(Value):
    """What a task is repeated for: exactly one of `items`, `glob`, `lines_of` (the answer of that task, a line
    each) and `matrix` (every combination of its lists, in the order in which they are written). `chunk`
    elements go to one task together; a combination of a matrix is never put together with another."""

    items: Sequence[str] = ()
    glob: str | None = None
    lines_of: str | None = None
    matrix: Mapping[str, Sequence[str]] = fresh(default_factory=dict)
    chunk: int = 1


class Join(Value):
    """A task that begins when `need` of the tasks `of` have succeeded, or when `timeout_s` after the first of them
    began at least that many have; `late` says what becomes of those that run still. `whole`: it begins no sooner than
    all of them are over, or the time is."""

    of: Sequence[str]
    need: int
    timeout_s: float | None = None
    late: Late = "stop"
    whole: bool = False


class Task(Value):
    """One task. Texts that hold `{{ … }}` are templates, filled in when it begins.

    `depends_on` names every task that it waits for: those written, those whose results its texts use, and the one
    whose lines it is repeated for; not those of its `join`. `parallel`: false has nothing run beside it. `dir` is
    absolute. `retries` is how often it is tried again. `check` decides about its success. `budget_usd` and
    `budget_tokens` bound all its attempts together. `model`, `permission_mode`, `mode`, `max_turns`, `role` and
    `env` are what `spawn` takes; None where nothing is said. `json_schema` is what its answer has to satisfy.
    `args` is the program of a task of kind `command`. `literal`: its texts are what somebody typed, and no templates.
    `shared` names those of its budgets that nobody wrote for it: they are its share of the whole's.
    """

    id: str
    prompt: str = ""
    depends_on: Sequence[str] = ()
    join: Join | None = None
    for_each: ForEach | None = None
    parallel: bool = True
    kind: str | None = None
    args: Sequence[str] = ()
    model: str | None = None
    role: str | None = None
    dir: str | None = None
    worktree: bool | str | None = None
    scope: Sequence[str] = ()
    env: Mapping[str, str] = fresh(default_factory=dict)
    timeout_s: float | None = None
    max_turns: int | None = None
    retries: int = 0
    budget_usd: float | None = None
    budget_tokens: int | None = None
    locks: Sequence[str] = ()
    check: str | None = None
    permission_mode: str | None = None
    mode: Mode = "terminal"
    json_schema: Mapping[str, Any] | None = None
    keep: bool = False
    literal: bool = False
    shared: Sequence[str] = ()
    place: Place = Place()


class Manifest(Value):
    """A whole run, checked: ids are unique and known, nothing waits for itself, every name in a template exists
    before it is used. `defaults` are in the tasks already; a budget of the whole is split where a task has none
    of its own.

    `source` is what it was read from, `understood` how a text that is no data was understood, a line each.
    """

    name: str
    tasks: Sequence[Task]
    max_parallel: int | None = None
    budget_usd: float | None = None
    budget_tokens: int | None = None
    timeout_s: float | None = None
    source: str = ""
    understood: Sequence[str] = ()
