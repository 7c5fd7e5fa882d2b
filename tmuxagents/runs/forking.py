"""A run out of one prompt: several agents try it, and one puts their answers together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tmuxagents.model.manifest import Join, Manifest, Task
from tmuxagents.runs import expressions
from tmuxagents.runs.expressions import TemplateInvalid, Use
from tmuxagents.value import Value, fresh

TRY, JOIN = "try", "join"
"""What the tasks are called: `try-1`, `try-2`, …, and the one that puts them together."""


class Fork(Value):
    """What is asked for. `prompts` has one for each agent. `join` is the prompt of the last task, None without one: it
    begins when `need` of the tries have succeeded, None: when all are over, and one has. `join_model` is its model,
    else `model`. `budget_usd` and `budget_tokens` are of the whole. `check` decides about each try, and `worktree`
    gives each its own; the last one works in the folder itself.
    """

    prompts: Sequence[str]
    join: str | None = None
    need: int | None = None
    kind: str | None = None
    args: Sequence[str] = ()
    model: str | None = None
    join_model: str | None = None
    permission_mode: str | None = None
    role: str | None = None
    scope: Sequence[str] = ()
    env: Mapping[str, str] = fresh(default_factory=dict)
    timeout_s: float | None = None
    worktree: bool = False
    check: str | None = None
    budget_usd: float | None = None
    budget_tokens: int | None = None
    max_parallel: int | None = None


def manifest(fork: Fork) -> Manifest:
    """The run. `TemplateInvalid` says what in the prompt of the join cannot be filled in."""
    tries = [_try(fork, number, prompt) for number, prompt in enumerate(fork.prompts, 1)]
    last = [] if fork.join is None else [_join(fork, fork.join, [task.id for task in tries])]
    return Manifest(
        name="fork",
        tasks=[*tries, *last],
        max_parallel=fork.max_parallel,
        budget_usd=fork.budget_usd,
        budget_tokens=fork.budget_tokens,
        source="fork",
    )


def _try(fork: Fork, number: int, prompt: str) -> Task:
    return _task(
        fork, f"{TRY}-{number}", prompt, model=fork.model, worktree=fork.worktree, check=fork.check, scope=fork.scope
    )


def _join(fork: Fork, prompt: str, of: Sequence[str]) -> Task:
    used = list(_checked(prompt, of))
    joined = Join(tuple(of), 1 if fork.need is None else fork.need, whole=fork.need is None)
    model = fork.model if fork.join_model is None else fork.join_model
    return _task(fork, JOIN, prompt, model=model, join=joined, literal=not used)


def shares(fork: Fork) -> tuple[float | None, int | None]:
    """The dollars and the tokens of each agent, the join's own among them."""
    count = len(fork.prompts) + (fork.join is not None)
    usd = None if fork.budget_usd is None else round(fork.budget_usd / count, 6)
    return usd, None if fork.budget_tokens is None else fork.budget_tokens // count


def _task(fork: Fork, identity: str, prompt: str, *, literal: bool = True, **own: object) -> Task:
    usd, tokens = shares(fork)
    return Task(
        identity,
        prompt,
        kind=fork.kind,
        args=tuple(fork.args if literal else map(_raw, fork.args)),
        permission_mode=fork.permission_mode,
        role=fork.role,
        env=fork.env if literal else {name: _raw(value) for name, value in fork.env.items()},
        timeout_s=fork.timeout_s,
        budget_usd=usd,
        budget_tokens=tokens,
        literal=literal,
        **own,  # type: ignore[arg-type]
    )


def _raw(text: str) -> str:
    """A text that is typed, among those of a task whose prompt is a template."""
    return f"{{% raw %}}{text}{{% endraw %}}" if expressions.is_template(text) else text


def _checked(prompt: str, of: Sequence[str]) -> Iterator[Use]:
    """What the prompt uses of the answers; a text with braces that uses nothing is what it is."""
    for use in expressions.uses(prompt):
        if use.name not in ("tasks", "join"):
            raise TemplateInvalid(f"'{use.name}' is of a repeated task", use.line, use.word)
        if use.name == "tasks" and use.task not in of:
            known = ", ".join(of[:5]) + (", …" if len(of) > 5 else "")
            raise TemplateInvalid(f"there is no task '{use.task[:40]}': {known}", use.line, use.word)
        if use.field in expressions.REPEATED and use.name == "tasks":
            raise TemplateInvalid(f"'{use.task}' has no '{use.field}': it is not repeated", use.line, use.word)
        yield use
