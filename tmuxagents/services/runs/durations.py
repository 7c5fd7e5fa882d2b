"""How long tasks took in earlier runs of the same manifest."""

from __future__ import annotations

import statistics

from tmuxagents.model.manifest import Manifest
from tmuxagents.runs.gates import NS
from tmuxagents.services.app import App
from tmuxagents.store import runs

RUNS = 10
"""So many of the newest runs are looked at."""


def of(app: App, manifest: Manifest) -> dict[str, float]:
    """The seconds that each task took, by its id: the median of those that succeeded."""
    before = [run for run in runs.known(app.db) if run.manifest.name == manifest.name][-RUNS:]
    took: dict[str, list[float]] = {}
    for run in before:
        whole = runs.by_id(app.db, run.id)
        for row in runs.rows(app.db, whole) if whole is not None else ():
            if row.state == "done" and not row.group and row.begun_ns is not None and row.ended_ns is not None:
                took.setdefault(row.task.id, []).append((row.ended_ns - row.begun_ns) / NS)
    return {key: statistics.median(times) for key, times in took.items() if key in {task.id for task in manifest.tasks}}
