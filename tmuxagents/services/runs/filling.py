"""The texts of a run's tasks with what is known by now, and the environment that it was begun in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tmuxagents.drivers import files, wrapper
from tmuxagents.model.run import Run, TaskRow
from tmuxagents.services.app import App

ERROR_LIMIT = 8_000
"""So many characters of what was wrong are told to who tries again, from their end."""


def folder(app: App, run_id: str) -> Path:
    """What no database holds of the run."""
    return app.state / "runs" / run_id


def keep_environment(app: App, run_id: str, environment: Mapping[str, str]) -> None:
    """Keep the environment of who begins the run, for its agents alone."""
    files.private_folder(folder(app, run_id).parent)
    files.write_whole(files.private_folder(folder(app, run_id)) / "env", wrapper.environment(environment))


def environment(app: App, run: Run) -> Mapping[str, str] | None:
    """The environment that the run was begun in; None where it is gone."""
    try:
        return wrapper.parse_environment(files.read_whole(folder(app, run.id) / "env").decode(errors="surrogateescape"))
    except (OSError, ValueError):
        return None


def prompt(run: Run, rows: Mapping[str, TaskRow], row: TaskRow) -> str:
    """The prompt of that task, with what it uses of the others."""
    return row.task.prompt


def again(why: str) -> str:
    """What the agent of a task that did not succeed is told."""
    return f"That did not succeed: {why[-ERROR_LIMIT:]}\n\nMend it, and answer the task again."


GO_ON = "Your program was ended in the middle of its work and has been started again. Go on with your task."
