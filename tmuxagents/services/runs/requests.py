"""What the agents of a run are asked for with: a task, an attempt after a failure, a check."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tmuxagents import names
from tmuxagents.errors import BadValue
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.manifest import Task
from tmuxagents.model.run import Run, TaskRow
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle.asked import SpawnRequest, WorktreeRequest
from tmuxagents.services.runs import filling
from tmuxagents.services.settings import chosen
from tmuxagents.settings.layers import Answer
from tmuxagents.store import agents

SHELL = ("sh", "-c")


def of_task(app: App, run: Run, row: TaskRow, why: str | None, *, but: Collection[str] = ()) -> SpawnRequest:
    """The agent of that task, whose texts are filled in; `why` an attempt before it did not succeed. What the manifest
    does not say, the user's settings do, as for `spawn`. `but` are names that others are asked for with."""
    task = row.task
    prompt = f"{task.prompt}\n\n{filling.again(why)}" if why and task.prompt else task.prompt
    folder = task.dir or run.dir
    answer, options = settled(app, task, folder)
    if not prompt.strip() and not registry.kind(answer.get("kind")).TAKES_PROGRAM:
        raise BadValue("its prompt is empty, now that it is filled in", hint=f"tmuxagents show {run.name}")
    return SpawnRequest(
        task=prompt or None,
        name=_name(app, run, row.key, but),
        kind=answer.get("kind"),
        folder=folder,
        options={**options, "run": _mark(run, row)},
        given=answer.variables,
        worktree=_worktree(task.worktree, answer, task.role),
    )


def settled(app: App, task: Task, folder: str) -> tuple[Answer, dict[str, Any]]:
    """Every setting of its agent, and what is recorded with it."""
    typed = {
        "kind": task.kind,
        "model": task.model,
        "permission_mode": task.permission_mode,
        "args": tuple(task.args) or None,
        **{f"env.{key}": value for key, value in task.env.items()},
    }
    kept = {key: value for key, value in typed.items() if value is not None}
    answer = chosen.choose(app, Path(folder), kept, profile=task.role).answer
    options = {
        **chosen.options(answer),
        # A run keeps the time of its tasks itself.
        "timeout_s": None,
        "scope": list(task.scope),
        "budget_usd": task.budget_usd,
        "budget_tokens": task.budget_tokens,
        "role": task.role,
        "max_turns": task.max_turns or answer.get("max_turns"),
        **({"mode": "print", "json_schema": task.json_schema} if task.mode == "print" else {}),
    }
    return answer, {key: value for key, value in options.items() if value or value == {}}


def of_check(app: App, run: Run, row: TaskRow, agent: Agent, *, but: Collection[str] = ()) -> SpawnRequest:
    """The check of that task, where its agent has worked."""
    assert row.task.check is not None, "only a task with a check is checked"
    return SpawnRequest(
        name=_name(app, run, f"{row.key}-check", but),
        kind="command",
        folder=agent.dir,
        options={"args": [*SHELL, row.task.check], "run": {**_mark(run, row), "check": True}},
        given=dict(row.task.env),
    )


def _mark(run: Run, row: TaskRow) -> Mapping[str, Any]:
    return {"id": run.id, "name": run.name, "key": row.key}


def _name(app: App, run: Run, key: str, but: Collection[str]) -> str:
    """Its own, or the next like it where that is taken, as after a retry, or where two are one when they are cut."""
    with app.db.write() as tx:
        base = names.suggest(f"{run.name}-{key}")
        number, name = 1, base
        while name in but or name in agents.had(tx, name):
            number += 1
            name = names.suggest(f"{base[: 39 - len(str(number))]}-{number}")
    return name


def _worktree(wanted: bool | str | None, answer: Answer, profile: str | None) -> WorktreeRequest | None:
    if not wanted:
        return None
    ready = {key: answer.get(f"worktree.{key}") for key in ("copy", "link", "setup")}
    branch = wanted if isinstance(wanted, str) else None
    return WorktreeRequest(branch, **ready, follow=answer.get("worktree.trust") == "follow", profile=profile)
