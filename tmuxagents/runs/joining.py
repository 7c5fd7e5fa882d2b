"""What a join is told of the tasks that it joins, where its own prompt does not say it."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.model.manifest import Task
from tmuxagents.model.run import SETTLED
from tmuxagents.runs import expressions, templates, words
from tmuxagents.runs.templates import Result
from tmuxagents.value import replace


def told(task: Task, filled: Task, joined: Sequence[Result]) -> Task:
    """The task `filled` in, with the answers behind its prompt where `task`, as it was written, uses nothing of those
    that it joins, and with the missing ones that it says nothing of. What has no prompt is told nothing."""
    parts = behind(task, joined) if task.join is not None and filled.prompt else []
    return replace(filled, prompt="\n\n".join([filled.prompt, *parts])) if parts else filled


def behind(task: Task, joined: Sequence[Result]) -> list[str]:
    """The paragraphs that its prompt lacks."""
    uses = [use for text in templates.texts(task) for use in expressions.uses(text)]
    fields = {use.field for use in uses if use.name == "join"}
    named = {use.task for use in uses if use.name == "tasks"} & {result.id for result in joined}
    there = [result for result in joined if result.state == "done"]
    missing = [result for result in joined if result.state != "done"]
    untold = [] if "missing" in fields else [result for result in missing if result.id not in named]
    return [*([] if fields or named else _answers(there, len(joined))), *(_missing(untold) if untold else [])]


def _answers(there: Sequence[Result], count: int) -> list[str]:
    of = f"{len(there)} of {count}" if len(there) < count else f"all {count}"
    return [f"The answers of {of}:", *(f"## {each.id}\n\n{(each.answer or '').strip() or '(empty)'}" for each in there)]


def _missing(missing: Sequence[Result]) -> list[str]:
    """Said in so many words: who puts answers together makes up what it expects to find."""
    lines = [f"- {_why(each)}" for each in missing]
    what = "The result of this one is missing" if len(lines) == 1 else f"The results of these {len(lines)} are missing"
    return [f"{what}, and nothing here is to be taken for it:", "\n".join(lines)]


def _why(result: Result) -> str:
    if result.state not in SETTLED:
        return f"{result.id} had not answered when enough others had"
    return words.listed([(result.id, result.state, result.error)])
