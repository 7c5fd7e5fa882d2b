"""What the journal holds: one thing that an agent said or did, in one order for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import Value, fresh

EntryKind = Literal[
    "spawned",
    "prompt",
    "text",
    "tool",
    "output",
    "needs",
    "decision",
    "turn",
    "exit",
    "state",
    "conflict",
    "note",
    "gap",
    "error",
    "receipt",
]

HIDDEN: frozenset[str] = frozenset({"receipt", "state"})
"""Kept as evidence, shown by `tail` only when asked for with `--only`."""


class NewEntry(Value):
    """An entry that is not in the journal yet."""

    kind: EntryKind
    text: str
    at_ns: int
    detail: Mapping[str, Any] = fresh(default_factory=dict)


class Entry(Value):
    """An entry of the journal; `seq` is its place in the one order. `removed` says that its agent is forgotten."""

    seq: int
    at_ns: int
    agent_id: AgentId
    agent: AgentName
    color: int
    generation: int
    kind: str
    text: str
    detail: Mapping[str, Any] = fresh(default_factory=dict)
    removed: bool = False
