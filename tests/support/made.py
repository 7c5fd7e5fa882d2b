"""Values of the model, of which a test says only what it is about."""

from __future__ import annotations

from typing import Any

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition
from tmuxagents.names import AgentId, AgentName


def agent(name: str = "agent-1", **more: Any) -> Agent:
    """An agent of kind demo that runs, in the condition that everyone begins with."""
    usual: dict[str, Any] = {
        "id": AgentId(name),
        "kind": "demo",
        "dir": "/",
        "task": None,
        "color": 0,
        "created_ns": 0,
        "started_ns": 0,
        "generation": 1,
        "phase": "running",
        "place": None,
        "condition": Condition(),
    }
    return Agent(**{**usual, "name": AgentName(name), **more})
