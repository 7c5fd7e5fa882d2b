"""The tasks of a run, for its graph."""

from __future__ import annotations

from tmuxagents.model.agent import Agent
from tmuxagents.model.run import TaskRow
from tmuxagents.output.dashboard.graph import Node
from tmuxagents.runs import telling
from tmuxagents.services.app import App
from tmuxagents.services.runs import drawing, viewing


def nodes(app: App, run_id: str) -> tuple[Node, ...]:
    """Each task with what it waits for, its state, its time and its agent."""
    now = viewing.view(app, run_id)
    if now is None:
        return ()
    waits = drawing.waits(now.rows)
    return tuple(
        Node(row.key, waits[row.key], telling.state(now.run, row, now.agent(row)), _beside(row, now.agent(row)))
        for row in now.rows
        if row.key in waits
    )


def _beside(row: TaskRow, agent: Agent | None) -> str:
    return "  ".join(part for part in (drawing.took(row), str(agent.name) if agent is not None else None) if part)
