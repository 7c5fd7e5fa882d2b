"""What came of each task of a run, as data that `--json` shows: nothing is left out because it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.model.run import TaskRow
from tmuxagents.runs.gates import NS


def table(
    rows: Sequence[TaskRow], names: Mapping[str, str], now_ns: int, waits: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """One for each row, in their order: `key`, `state`, `agent` (its name by `names`, None where none had it or it
    is forgotten), `answer`, `error`, `duration_s` (so far, while it is not over; None before it begins), `cost_usd`
    and `tokens` (None while unknown), `attempts`; `of` and `item` say which element of a repeated task it is, `waits`
    what keeps it from going on."""
    elements: dict[str, list[TaskRow]] = {}
    for row in rows:
        if row.of is not None:
            elements.setdefault(row.of, []).append(row)
    told = [_result(row, elements.get(row.key, ()), names, now_ns) for row in rows]
    return [{**one, "waits": (waits or {}).get(one["key"])} for one in told]


def _result(row: TaskRow, elements: Sequence[TaskRow], names: Mapping[str, str], now_ns: int) -> dict[str, Any]:
    spenders = elements if row.group else (row,)
    return {
        "key": row.key,
        "state": row.state,
        "agent": names.get(row.agent_id) if row.agent_id is not None else None,
        "answer": row.answer,
        "error": row.error,
        "duration_s": duration_s(row, now_ns),
        "cost_usd": total([each.cost_usd for each in spenders if each.attempt or each.tried or not row.group]),
        "tokens": total([each.tokens for each in spenders if each.attempt or each.tried or not row.group]),
        "attempts": sum(each.tried + each.attempt for each in spenders),
        "of": row.of,
        "item": list(row.item) if isinstance(row.item, tuple) else row.item,
    }


def duration_s(row: TaskRow, now_ns: int) -> float | None:
    """From when its first attempt was begun until it was settled, or until now; None before."""
    if row.begun_ns is None:
        return None
    return ((now_ns if row.ended_ns is None else row.ended_ns) - row.begun_ns) / NS


def total(values: Sequence[float | None]) -> float | None:
    """Their sum; None where one of them is unknown, or there is none."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
