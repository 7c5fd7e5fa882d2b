"""What bounds the agents that work at once, set against how it is now."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.config import Config
from tmuxagents.model import room
from tmuxagents.model.room import Bounds, Load
from tmuxagents.services.app import App
from tmuxagents.settings import sizes
from tmuxagents.store import measured, queue
from tmuxagents.value import replace


def of(config: Config) -> Bounds:
    """As the settings say."""
    return Bounds(config.max_agents, sizes.parsed(config.min_free_memory) or 0, config.max_unreviewed)


def load(tx: queue.Transaction, bounds: Bounds) -> Load:
    """As it is recorded; memory is looked at where it could hold somebody back, inside the transaction: a look takes
    thirty microseconds."""
    found = queue.load(tx)
    if bounds.max_unreviewed:
        found = replace(found, unreviewed=measured.unreviewed(tx, clock.now_ns()))
    if bounds.min_free and found.busy:
        from tmuxagents.drivers import memory

        found = replace(found, free=memory.free_bytes())
    return found


def held(app: App, tx: queue.Transaction) -> str | None:
    """Why a new one has to wait: what holds it back, or nothing but those before it (empty); None where it begins at
    once."""
    bounds = of(app.config)
    why = room.held_by(bounds, load(tx, bounds))
    return why if why or not queue.is_empty(tx) else None
