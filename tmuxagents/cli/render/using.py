"""What was used, as a table or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.model.budget import Share
from tmuxagents.output import columns
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.fleet import usage
from tmuxagents.services.fleet.usage import By, Line

_COLUMNS = ("INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "COST", "TOKENS/S", "CONTEXT LEFT", "BUDGET")
_GOING = ("CACHE WRITE", "CACHE READ", "INPUT", "TOKENS/S", "CONTEXT LEFT")
_NOBODY = {"run": "no run", "day": "-", "account": "not known", "model": "not known", "agent": "-"}


def rows(lines: Sequence[Line], by: By, *, width: int | None) -> list[str]:
    """The table, with all of them in sum where there are several."""
    head = {"NAME": by.upper(), **{name: name for name in _COLUMNS}}
    told = [*lines, usage.total(lines)] if len(lines) > 1 else list(lines)
    cells = [head, *({"NAME": one_line(line.of, 60) or _NOBODY[by], **_row(line)} for line in told)]
    silent = {name for name in ("CONTEXT LEFT", "BUDGET") if all(row[name] in ("", "-") for row in cells[1:])}
    shown = ["NAME", *(name for name in _COLUMNS if name not in silent)]
    return columns.table(cells, shown, going=_GOING, width=width)


def _row(line: Line) -> dict[str, str]:
    used, left = line.used, line.agent.condition.context_left if line.agent is not None else None
    return {
        "INPUT": _count(used.input_tokens, line),
        "OUTPUT": _count(used.output_tokens, line),
        "CACHE READ": _count(used.cache_read_tokens, line),
        "CACHE WRITE": _count(used.cache_write_tokens, line),
        "COST": cost(line),
        "TOKENS/S": f"{line.rate:.1f}" if line.rate is not None else "-",
        "CONTEXT LEFT": f"{left} %" if left is not None else "-",
        "BUDGET": "; ".join(share.words for share in line.shares) or "-",
    }


def cost(line: Line) -> str:
    """`$0.0312`, `at least $0.0312`, `-`"""
    if line.microusd is None:
        return "-"
    return ("at least " if line.least else "") + f"${line.microusd / 1e6:.4f}"


def _count(count: int, line: Line) -> str:
    """`57,617`, `at least 57,617`, `-`"""
    return ("at least " if line.tokens_least else "") + f"{count:,}" if line.told else "-"


def as_json(lines: Sequence[Line], total: Line, by: By, since: int | None) -> dict[str, Any]:
    """By the contract: no key is ever missing, unknown is null."""
    return {
        "by": by,
        "since": clock.rfc3339(since),
        "rows": [_line_json(line) for line in lines],
        "total": _line_json(total),
    }


def _line_json(line: Line) -> dict[str, Any]:
    used, agent = line.used, line.agent
    shares = {share.unit: share for share in line.shares}
    return {
        "name": line.of or None,
        "id": agent.id if agent is not None else None,
        "input_tokens": used.input_tokens if line.told else None,
        "output_tokens": used.output_tokens if line.told else None,
        "cache_read_tokens": used.cache_read_tokens if line.told else None,
        "cache_write_tokens": used.cache_write_tokens if line.told else None,
        "tokens": used.tokens if line.told else None,
        "tokens_are_least": line.tokens_least,
        "cost_usd": None if line.microusd is None else line.microusd / 1e6,
        "cost_is_least": line.least,
        "tokens_per_s": None if line.rate is None else round(line.rate, 2),
        "context_left": agent.condition.context_left if agent is not None else None,
        "budget_usd": _limit(shares.get("usd"), 1e6),
        "budget_usd_part": _part(shares.get("usd")),
        "budget_tokens": _limit(shares.get("tokens"), 1),
        "budget_tokens_part": _part(shares.get("tokens")),
    }


def _limit(share: Share | None, unit: float) -> float | None:
    return None if share is None else share.limit / unit if unit != 1 else share.limit


def _part(share: Share | None) -> float | None:
    return None if share is None or share.part is None else round(share.part, 4)
