"""Which runs are not over: asked whenever somebody has done something, by who needs nothing else of them."""

from __future__ import annotations

from tmuxagents.store.database import Database


def runs(db: Database) -> list[str]:
    """Their ids, oldest first."""
    return [row[0] for row in db.read("SELECT id FROM runs WHERE forgotten = 0 AND ended_ns IS NULL ORDER BY number")]
