"""The texts of a run's tasks with what is known by now, and the environment that it was begun in."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files, wrapper
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model import continuing
from tmuxagents.model.agent import Agent
from tmuxagents.model.manifest import Task
from tmuxagents.model.run import Run, TaskRow
from tmuxagents.names import AgentId
from tmuxagents.runs import joining, telling, templates
from tmuxagents.runs.results import duration_s
from tmuxagents.runs.templates import CannotFillIn, Context, Result
from tmuxagents.services.app import App
from tmuxagents.store import agents, runs

ERROR_LIMIT = 8_000
"""So many characters of what was wrong are told to who tries again, from their end."""

ABANDONED_S = 3600.0
"""Whoever begins a run records it at once; what is so old is nobody's."""

GO_ON = "Your program was ended in the middle of its work and has been started again. Go on with your task."


LIMITED = continuing.TEXT_ANEW


def folder(app: App, run_id: str) -> Path:
    """What no database holds of the run."""
    return app.state / "runs" / run_id


def keep_environment(app: App, run_id: str, environment: Mapping[str, str]) -> None:
    """Keep the environment of who begins the run, for its agents alone."""
    files.private_folder(folder(app, run_id).parent)
    files.write_whole(files.private_folder(folder(app, run_id)) / "env", wrapper.environment(environment))


def sweep(app: App) -> None:
    """Take away what was kept for a run that was never recorded: who began it was killed in between."""
    for path in folder(app, "").glob("*"):
        if runs.by_id(app.db, path.name) is None and clock.now_ns() / clock.SECOND - path.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(path, ignore_errors=True)


def environment(app: App, run: Run) -> Mapping[str, str] | None:
    """The environment that the run was begun in; None where it is gone."""
    try:
        return wrapper.parse_environment(files.read_whole(folder(app, run.id) / "env").decode(errors="surrogateescape"))
    except (OSError, ValueError):
        return None


def again(why: str) -> str:
    """What the agent of a task that did not succeed is told."""
    return f"That did not succeed: {telling.once(why)[-ERROR_LIMIT:]}\n\nMend it, and answer the task again."


def filled(app: App, rows: Mapping[str, TaskRow], row: TaskRow, now_ns: int) -> Task:
    """The task with its texts filled in by what has become of the others; a join is told of those that it joins,
    whether its prompt asks or not. `TmuxagentsError` where that cannot be."""
    wanted = templates.fields(row.task)
    elements: dict[str, list[TaskRow]] = {}
    for each in rows.values():
        if each.of is not None:
            elements.setdefault(each.of, []).append(each)
    joined = tuple(row.task.join.of) if row.task.join is not None else ()
    context = Context(
        tasks={
            key: _result(app, rows[key], elements.get(key, ()), wanted.get(key, frozenset()), now_ns)
            for key in {*wanted, *joined}
            if key in rows
        },
        item=_item(row.item),
        index=int(row.key[len(row.of) + 1 :]) if row.of is not None else None,
        joined=joined,
    )
    try:
        made = templates.filled(row.task, context)
        return joining.told(row.task, made, [context.tasks[key] for key in joined if key in context.tasks])
    except CannotFillIn as error:
        raise TmuxagentsError(f"its texts cannot be filled in: {error}") from error


def _item(item: object) -> object:
    return tuple(item) if isinstance(item, list) else item


def _result(app: App, row: TaskRow, elements: object, wanted: frozenset[str], now_ns: int) -> Result:
    own = elements if isinstance(elements, list) else []
    agent = agents.by_id(app.db, AgentId(row.agent_id)) if row.agent_id is not None and wanted & _OF_AGENT else None
    return Result(
        id=row.key,
        state=row.state,
        answer=row.answer,
        error=row.error,
        duration_s=duration_s(row, now_ns),
        branch=agent.worktree.branch if agent is not None and agent.worktree is not None else None,
        diff=_diff(agent) if agent is not None and "diff" in wanted else None,
        each=tuple(_result(app, one, (), wanted, now_ns) for one in own),
        item=_item(row.item),
        index=int(row.key[len(row.of) + 1 :]) if row.of is not None else None,
    )


_OF_AGENT = frozenset({"branch", "diff"})


def _diff(agent: Agent) -> str | None:
    """What it has done in its worktree, as a patch; None where it has none."""
    if agent.worktree is None:
        return None
    from tmuxagents.services.review import patch

    return patch.unasked(agent)
