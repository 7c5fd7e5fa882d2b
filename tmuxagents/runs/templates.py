"""Fill the texts of a task in, with what has become of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.model.manifest import Task
from tmuxagents.runs import expressions
from tmuxagents.runs.sandbox import RanAway, Steps
from tmuxagents.value import Value, fresh, replace

LONGEST = 8_000_000
"""How many characters a text may have when it is filled in."""


class CannotFillIn(Exception):
    """The text cannot be filled in with what there is; its words say why."""


class Result(Value):
    """What has become of a task, or of one element of a repeated one.

    `answer`, `diff` and `branch` are None where there is none; what is not known yet and what is asked for by no text
    (see `expressions.uses`) may be None too. `each` are the elements of a repeated one in their order, each with its
    `item` and its `index`, from 1.
    """

    id: str
    state: str
    answer: str | None = None
    error: str | None = None
    duration_s: float | None = None
    branch: str | None = None
    diff: str | None = None
    each: Sequence[Any] = ()
    item: Any = None
    index: int | None = None


class Context(Value):
    """What a text is filled in with: the tasks by id; the element (a text, several, or a combination of a matrix by its
    names) and its number from 1, for one of a repeated task; the ids that the task's own join is of."""

    tasks: Mapping[str, Result] = fresh(default_factory=dict)
    item: Any = None
    index: int | None = None
    joined: Sequence[str] = ()


def render(text: str, context: Context, *, quoted: bool = False) -> str:
    """The text, filled in; the same text where nothing in it is. `quoted`: each value becomes one word of a shell, each
    of several a word of its own. `CannotFillIn` where that needs more than there is, or does not end."""
    if not expressions.is_template(text):
        return text
    from jinja2 import TemplateError

    try:
        template = expressions.read(text)[1]
        return _bounded(template.generate(_names(context, quoted=quoted)))
    except expressions.TemplateInvalid as error:
        raise CannotFillIn(error.what) from error
    except (TemplateError, RanAway, RecursionError) as error:
        raise CannotFillIn(" ".join(str(error).split())[:200]) from error
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        # A comparison or a filter of what it is not for, such as `length` of a number.
        raise CannotFillIn(f"it asks for what cannot be: {' '.join(str(error).split())[:200]}") from error


def filled(task: Task, context: Context) -> Task:
    """The task with all its texts filled in, ready to be given to an agent."""

    def plain(text: str) -> str:
        return render(text, context)

    if task.literal:
        return task
    return replace(
        task,
        prompt=plain(task.prompt),
        args=_args(task, context),
        check=task.check and render(task.check, context, quoted=True),
        env={key: plain(value) for key, value in task.env.items()},
        model=task.model and plain(task.model),
        worktree=plain(task.worktree) if isinstance(task.worktree, str) else task.worktree,
        scope=tuple(map(plain, task.scope)),
        dir=task.dir and plain(task.dir),
    )


def fields(task: Task) -> Mapping[str, frozenset[str]]:
    """Which fields of which tasks its texts use, so that only those are looked up: `diff` costs a look at git. What a
    loop over `each` or `join` uses is not told apart: it may be every field."""
    found: dict[str, set[str]] = {}
    joined = task.join.of if task.join is not None else ()
    for text in texts(task):
        for use in expressions.uses(text):
            for name in [use.task] if use.name == "tasks" else joined if use.name == "join" else ():
                wide = use.field in ("each", "missing")
                found.setdefault(name, set()).update(expressions.FIELDS if wide else (use.field,))
    return {name: frozenset(each) for name, each in found.items()}


def texts(task: Task) -> Sequence[str]:
    """Those of a task that may be templates."""
    if task.literal:
        return ()
    several = (*task.args, *task.env.values(), *task.scope)
    one = (task.prompt, task.check, task.model, task.worktree, task.dir)
    return [text for text in (*one, *several) if isinstance(text, str)]


def _args(task: Task, context: Context) -> tuple[str, ...]:
    """What stands behind `sh -c` is a shell line, however it came there."""
    shell = tuple(task.args[:2]) == ("sh", "-c")
    return tuple(render(each, context, quoted=shell and at == 2) for at, each in enumerate(task.args))


def _bounded(parts: Any) -> str:
    made, length = [], 0
    for part in parts:
        length += len(part)
        if length > LONGEST:
            raise RanAway(f"filled in it has more than {LONGEST:,} characters")
        made.append(part)
    return "".join(made)


def _names(context: Context, *, quoted: bool) -> Mapping[str, Any]:
    """What the names in a template mean. `item`, `index` and `join` are there for those that have one."""
    found: dict[str, Any] = {"_steps": Steps(), "_quoted": quoted, "tasks": _Table(context.tasks, _result, "the tasks")}
    if context.index is not None:
        found |= {"index": context.index, "item": _element(context.item)}
    if context.joined:
        results = [context.tasks[each] for each in context.joined if each in context.tasks]
        found["join"] = _joined(results)
    return found


class _Table:
    """A mapping whose entries are found by a dot as well, and of which nothing else is."""

    __slots__ = ("_entries", "_make", "_text")

    def __init__(self, entries: Mapping[str, Any], make: Any, text: str) -> None:
        self._entries = entries
        self._make = make
        self._text = text

    def __getitem__(self, key: str) -> Any:
        return self._make(self._entries[key])

    def __str__(self) -> str:
        return self._text


class _Several(list[Any]):
    """A list that is printed a paragraph each."""

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))


class _Lines(list[Any]):
    """A list that is printed a line each."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))


class _Nothing(str):
    """An empty text that is printed as what is said of its lack: `{% if %}` finds nothing, a reader finds why."""

    __slots__ = ("_why",)
    _why: str

    def __new__(cls, why: str) -> _Nothing:
        made = super().__new__(cls, "")
        made._why = why
        return made

    def __str__(self) -> str:
        return self._why


def _same(value: Any) -> Any:
    return value


def _element(item: Any) -> Any:
    if isinstance(item, Mapping):
        return _Table(item, _same, ", ".join(f"{key}={value}" for key, value in item.items()))
    return _Lines(item) if isinstance(item, list | tuple) else item


def _result(result: Result) -> _Table:
    return _Table(_fields(result), _same, result.id)


def _fields(result: Result) -> Mapping[str, Any]:
    why = f"{result.id}: {result.state}" + (f", {result.error}" if result.error else "")
    each = [_result(one) for one in result.each]
    repeated = {"each": _Lines(each), "answers": _answers(result.each)}
    return {
        "id": result.id,
        "state": result.state,
        "error": result.error or "",
        "answer": _Nothing(f"(no answer of {why})") if result.answer is None else result.answer,
        "diff": _Nothing(f"(no changes of {result.id})") if result.diff is None else result.diff,
        "branch": _Nothing(f"(no branch of {result.id})") if result.branch is None else result.branch,
        "duration": _Nothing("(unknown)") if result.duration_s is None else _spent(result.duration_s),
        "item": _element(result.item),
        "index": result.index,
        **repeated,
    }


def _answers(results: Sequence[Result]) -> _Several:
    return _Several([each.answer for each in results if each.state == "done" and each.answer is not None])


def _joined(results: Sequence[Result]) -> _Table:
    """`answers` say whose they are; `missing` say why they are."""
    there = [each for each in results if each.state == "done"]
    missing = [each for each in results if each.state != "done"]
    entries = {
        "answers": _Several([f"## {each.id}\n\n{each.answer or ''}".rstrip() for each in there]),
        "each": _Lines([_result(each) for each in there]),
        "missing": _Lines([_result_missing(each) for each in missing]),
    }
    return _Table(entries, _same, "the join")


def _result_missing(result: Result) -> _Table:
    error = f" ({result.error})" if result.error else ""
    return _Table(_fields(result), _same, f"{result.id}: {result.state}{error}")


def _spent(seconds: float) -> str:
    """`3m 20s`: what a reader makes sense of."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {rest}s" if minutes else f"{rest}s"
