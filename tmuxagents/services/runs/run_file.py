"""A copy of a run as it was begun, beside what else is kept for it, from which a lost database is rebuilt."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from tmuxagents.drivers import files
from tmuxagents.model import codec
from tmuxagents.model.run import Run
from tmuxagents.services.app import App
from tmuxagents.services.runs import filling

NAME = "run.json"


def keep(app: App, run: Run) -> None:
    """Write the copy, whole and for nobody else: its manifest has what its tasks are given."""
    folder = filling.folder(app, run.id)
    files.private_folder(folder.parent)
    files.write_whole(files.private_folder(folder) / NAME, json.dumps(codec.encode(run)))


def keep_changed(app: App, run: Run) -> None:
    """The same for one that is recorded already. That it cannot be written is no error: it is only a copy."""
    with contextlib.suppress(OSError):
        keep(app, run)


def kept(app: App) -> Iterator[Run]:
    """The copies that can be read, the oldest run first."""
    found: list[Run] = []
    for path in (app.state / "runs").glob(f"*/{NAME}"):
        with contextlib.suppress(OSError, ValueError, TypeError):
            run = codec.decode(Run, json.loads(files.read_whole(path)))
            if run.id == path.parent.name:
                found.append(run)
    yield from sorted(found, key=lambda run: run.created_ns)
