"""The first page of a chat: the newest entries, and a mark where what was missed begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId

OWN = frozenset({"spawned", "prompt", "decision"})
"""What a person did is not missed by them."""


def missed_from(entries: Sequence[Entry], read: Mapping[AgentId, int]) -> int | None:
    """Where among the entries the first stands that nobody was shown; None where all were."""
    for at, entry in enumerate(entries):
        if entry.kind not in OWN and entry.seq > read.get(entry.agent_id, 0):
            return at
    return None


def mark(count: int, *, more: bool) -> str:
    """The line that stands there."""
    return f"  -- new since you looked: {count}{' and more: /catchup' if more else ''} --"
