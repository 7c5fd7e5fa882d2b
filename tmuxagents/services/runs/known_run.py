"""A run as it was read or recorded last, for who steps it often."""

from __future__ import annotations

from tmuxagents.model.run import Run, Span, TaskRow
from tmuxagents.runs import order
from tmuxagents.runs.order import Order
from tmuxagents.services.app import App
from tmuxagents.store import runs
from tmuxagents.value import Value, fresh


class Known(Value, frozen=False):
    """The run and its tasks; `closed` are those whose agents are over for good."""

    version: int
    run: Run
    rows: dict[str, TaskRow]
    order: Order
    waiting: dict[str, Span]
    closed: set[str] = fresh(default_factory=set)


def read(app: App, run_id: str, known: Known | None) -> Known | None:
    """The run as it is recorded now; None where it is forgotten."""
    version = runs.version(app.db, run_id)
    if known is not None and known.version == version:
        return known
    run = runs.by_id(app.db, run_id)
    if run is None:
        return None
    rows = {row.key: row for row in runs.rows(app.db, run)}
    waiting = {span.key: span for span in runs.spans(app.db, run_id, open_=True)}
    return Known(version, run, rows, order.of(run.manifest), waiting, known.closed if known is not None else set())
