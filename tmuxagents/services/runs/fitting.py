"""Whether the tasks of a manifest can be begun as far as that is known before the run: before others are paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tmuxagents.errors import ConfigInvalid, ManifestInvalid, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.runs import expressions
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import launch
from tmuxagents.services.runs import requests


class _Unfit(TmuxagentsError):
    """Its program has no way for what the task asks."""


def refuse_unfit(app: App, manifest: Manifest, folder: str) -> None:
    """`ManifestInvalid` with every task that asks of its program what that has no way for, or of which there is no such
    role, folder, program or repository. Of tasks that nobody wrote the first error as it is."""
    found = list(_faults(app, manifest, folder))
    if found:
        (first, hint), *others = found
        also = [line for line, _ in others if line != first]
        raise ManifestInvalid(first, hint=hint or "tmuxagents help manifest", also=list(dict.fromkeys(also)))


def _faults(app: App, manifest: Manifest, folder: str) -> Iterator[tuple[str, str | None]]:
    looked: set[tuple[object, ...]] = set()
    for task in manifest.tasks:
        asks = _asks(task)
        if asks in looked or any(expressions.is_template(text) for text in _chosen(task)):
            continue
        looked.add(asks)
        try:
            _refuse(app, task, folder)
        except ConfigInvalid:
            # No fault of the manifest.
            raise
        except TmuxagentsError as error:
            if not task.place.line:
                raise
            where = f"{manifest.source}:{task.place.line}:{task.place.column}: " if manifest.source else ""
            yield f"{where}task '{task.id}'{_said(error)}", error.hint


def _said(error: TmuxagentsError) -> str:
    return f" {error.message}" if isinstance(error, _Unfit) else f": {error.message}"


def _asks(task: Task) -> tuple[object, ...]:
    """What is the same for tasks of which one look is enough."""
    return (
        task.kind,
        task.role,
        task.model,
        task.permission_mode,
        task.mode,
        task.max_turns,
        task.dir,
        tuple(task.args[:1]),
        task.json_schema is None,
        bool(task.scope),
        bool(task.worktree),
    )


def _chosen(task: Task) -> Sequence[str]:
    """What says which program it is, with what it is told to be, where that is known before the run."""
    return [text for text in (task.model, task.dir, *task.args[:1]) if text is not None]


def _refuse(app: App, task: Task, folder: str) -> None:
    where = launch.check_folder(task.dir or folder)
    answer, options = requests.settled(app, task, str(where))
    kind = answer.get("kind")
    unfit = registry.kind(kind).cannot(options)
    if unfit is not None:
        raise _Unfit(f"is for {kind}: {unfit}")
    launch.check_program(kind, options, answer.variables.get("PATH"), str(where))
    if task.worktree:
        from tmuxagents.services.worktrees import making

        # Whether its branch can be had is seen when it begins: another task may make it.
        making.prepare(where, branch=None, base=None)
    elif task.scope:
        from tmuxagents.services.worktrees import scoped

        scoped.refuse_useless(str(where), kind)
