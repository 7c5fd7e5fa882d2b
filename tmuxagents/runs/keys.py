"""Every key of a manifest: what it may be, what it means, between which numbers it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.value import Value


class Key(Value):
    """`form` says how it is read (`forms.READ`). `low` and `high` bound a number, `choices` are the words that it may
    be. `common`: it may stand in `defaults`. `program`: it means nothing for a task of kind command."""

    form: str
    what: str
    low: float = 0
    high: float = 0
    choices: Sequence[str] = ()
    common: bool = True
    program: bool = False


MOST_USD = 1_000_000
MOST_TOKENS = 1_000_000_000_000

TASK: Mapping[str, Key] = {
    "id": Key("id", "what the task is called: a-z, 0-9 and single hyphens, at most 24 characters", common=False),
    "prompt": Key("prompt", "what its agent is given; may be a template", common=False),
    "prompt_file": Key("line", "a file that holds the prompt, relative to the manifest", common=False),
    "depends_on": Key("names", "the ids of the tasks that have to succeed before it begins", common=False),
    "join": Key("join", "the tasks of which some have to succeed before it begins", common=False),
    "for_each": Key("for_each", "what it is repeated for: one task for each element", common=False),
    "parallel": Key("switch", "false: nothing runs beside it"),
    "kind": Key("line", "what program its agent is; as spawn --kind"),
    "args": Key("words", "the program of a task of kind command, and its arguments", common=False),
    "command": Key("prompt", "a shell line: kind command with args sh, -c and that line", common=False),
    "model": Key("line", "as spawn --model", program=True),
    "role": Key("line", "the role that its agent has", program=True),
    "dir": Key("line", "the folder that it works in, relative to the manifest"),
    "worktree": Key("worktree", "true, or the name of a branch: it works in a worktree of its own"),
    "scope": Key("scope", "what it may change: globs of its checkout"),
    "env": Key("env", "variables of its environment"),
    "timeout": Key("duration", "how long one attempt may take"),
    "max_turns": Key("count", "how many turns its agent may take", 1, 10_000, program=True),
    "retries": Key("count", "how often it is tried again", 0, 100),
    "budget_usd": Key("money", "what all its attempts together may cost, in dollars", 0, MOST_USD, program=True),
    "budget_tokens": Key("count", "how many tokens all its attempts may take", 1, MOST_TOKENS, program=True),
    "locks": Key("locks", "the named locks that its agent holds while it runs"),
    "check": Key("prompt", "a shell line, run where it worked, that decides whether it has succeeded"),
    "permission_mode": Key("line", "as spawn --permission-mode", program=True),
    "mode": Key("choice", "terminal, or print: the program's way without a terminal", choices=("terminal", "print")),
    "json_schema": Key("schema", "a JSON Schema that its answer has to satisfy", program=True),
    "keep": Key("switch", "true: its agent is not stopped when it has answered"),
}

TOP: Mapping[str, Key] = {
    "name": Key("line", "what the run is called; without it the file's name"),
    "max_parallel": Key("count", "how many of its tasks run at once", 1, 10_000),
    "budget_usd": Key("money", "what all tasks together may cost, in dollars", 0, MOST_USD),
    "budget_tokens": Key("count", "how many tokens all tasks together may take", 1, MOST_TOKENS),
    "split": Key("choice", "how the budgets are split: even, or none", choices=("even", "none")),
    "timeout": Key("duration", "how long the whole may take"),
    "defaults": Key("defaults", "keys of tasks that hold for every task which does not have them"),
    "tasks": Key("tasks", "the tasks: a list of tables with id, or a table of tables by id"),
}

JOIN: Mapping[str, Key] = {
    "of": Key("names", "the ids of the tasks that it waits for"),
    "need": Key("count", "how many of them have to succeed; without it all", 1, 10_000),
    "timeout": Key("duration", "how long the others are waited for once one has begun"),
    "late": Key("choice", "what becomes of those that run still: stop, or keep", choices=("stop", "keep")),
    "whole": Key("switch", "true: it begins no sooner than all of them are over"),
}

FOR_EACH: Mapping[str, Key] = {
    "items": Key("items", "a list of texts; for_each may be that list itself"),
    "glob": Key("line", "the files that this pattern finds in the task's folder"),
    "lines_of": Key("id", "the id of a task: each line of its answer"),
    "matrix": Key("matrix", "lists by name: every combination of their elements"),
    "chunk": Key("count", "how many elements go to one task together", 1, 10_000),
}

COMMON = tuple(key for key, one in TASK.items() if one.common)
"""What may stand in `defaults`."""
