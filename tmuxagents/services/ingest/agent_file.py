"""A copy of an agent's row beside its sources, from which a damaged database is rebuilt."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from tmuxagents.drivers import files
from tmuxagents.model import condition as conditions
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents

NAME = "agent.json"


def keep(app: App, agent_id: AgentId) -> None:
    """Write the copy. That it cannot be written is no error: it is only a copy."""
    agent = agents.by_id(app.db, agent_id)
    if agent is not None:
        with contextlib.suppress(OSError):
            files.write_whole(app.folder(agent_id) / NAME, json.dumps(agents.to_row(agent)))


def is_worth_keeping(before: conditions.Condition, after: conditions.Condition) -> bool:
    """Whether something changed that no source tells again: not every state, each of them would be a write."""
    told = ("conversation", "turns", "exit_code")
    paths = ("transcripts", "folder")
    return (
        before.usage.microusd != after.usage.microusd
        or any(getattr(before, name) != getattr(after, name) for name in told)
        or any(before.kind_state.get(name) != after.kind_state.get(name) for name in paths)
    )


def kept(app: App) -> Iterator[dict[str, Any]]:
    """The copies that can be read."""
    for path in sorted((app.state / "agents").glob(f"*/{NAME}")):
        try:
            row = json.loads(files.read_whole(path))
        except (OSError, ValueError):
            continue
        if isinstance(row, dict) and row.get("id") == path.parent.name:
            yield row
