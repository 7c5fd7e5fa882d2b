"""What Claude's observer carries in `Condition.kind_state`, and small changes to a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.model.condition import Condition, Dialog, State
from tmuxagents.value import replace

RECENT = 200
"""Message ids whose usage may still be corrected by a later record."""


def remember(condition: Condition, **changes: Any) -> Condition:
    """The condition with these values in its private memory; None takes one away."""
    own = {**condition.kind_state, **changes}
    return replace(condition, kind_state={key: value for key, value in own.items() if value is not None})


def written_ns(line: Mapping[str, Any]) -> int:
    """A record's own time. In the order of its file it may stand behind later ones; 0 when it has none."""
    stamp = line.get("timestamp")
    if not isinstance(stamp, str):
        return 0
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(stamp).timestamp() * 1000) * 1_000_000
    except (ValueError, OverflowError):
        return 0


def to_state(
    condition: Condition,
    state: State,
    at_ns: int,
    evidence: str,
    *,
    dialog: Dialog | None = None,
    reason: str | None = None,
) -> Condition:
    """The condition in `state`; its beginning stays when the state was this already.

    An agent whose task is still to be taken is `starting` wherever another would be `idle`.
    """
    if state == "idle" and condition.task_due:
        state = "starting"
    same = condition.state == state and condition.dialog == dialog
    since = condition.since_ns if same else at_ns
    return replace(condition, state=state, since_ns=since, evidence=evidence, dialog=dialog, reason=reason)


def count_tokens(condition: Condition, key: str, usage: Mapping[str, Any]) -> Condition:
    """Count a message's usage once: a later record with the same key replaces the earlier one.

    Claude writes one record per content block, each with the whole usage, whose output grows.
    """
    now = [
        _number(usage.get("input_tokens")),
        _number(usage.get("output_tokens")),
        _number(usage.get("cache_read_input_tokens")),
        _cache_writes(usage),
    ]
    recent: dict[str, list[int]] = dict(condition.kind_state.get("recent", {}))
    before = recent.pop(key, [0, 0, 0, 0])
    recent[key] = now
    while len(recent) > RECENT:
        recent.pop(next(iter(recent)))
    total = condition.usage
    added = replace(
        total,
        input_tokens=total.input_tokens + now[0] - before[0],
        output_tokens=total.output_tokens + now[1] - before[1],
        cache_read_tokens=total.cache_read_tokens + now[2] - before[2],
        cache_write_tokens=total.cache_write_tokens + now[3] - before[3],
    )
    return remember(replace(condition, usage=added), recent=recent)


def _cache_writes(usage: Mapping[str, Any]) -> int:
    """The flat figure, or the nested ones where it is 0 (before 2.1.152)."""
    flat = _number(usage.get("cache_creation_input_tokens"))
    nested = usage.get("cache_creation")
    return flat or (sum(_number(v) for v in nested.values()) if isinstance(nested, Mapping) else 0)


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
