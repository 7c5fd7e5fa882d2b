"""Write into the journal what was done at an agent's terminal."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App
from tmuxagents.store import journal


def note(app: App, agent: Agent, text: str, detail: Mapping[str, object]) -> None:
    """Keep it as a note of that start of that agent."""
    saved = NewEntry("note", text, clock.now_ns(), detail)
    with app.db.write() as tx:
        journal.append(tx, agent.id, agent.generation, [saved])
