"""How the work of agents is shown: a line each, or as JSON."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.cli.terminal import terminal_width
from tmuxagents.drivers.git.merging import Outcome
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.output.columns import table
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.review.figures import Figures

Judged = tuple[Agent, Figures | TmuxagentsError]

_COLUMNS = ("AGENT", "FILES", "LINES", "COMMITS", "CHANGED", "MERGES")


def rows(found: Sequence[Judged], now_ns: int) -> list[str]:
    """A line an agent, and above them what they tell."""
    told = [{name: name for name in _COLUMNS}, *(_row(agent, one, now_ns) for agent, one in found)]
    return table(told, _COLUMNS, going=("COMMITS", "CHANGED"), width=terminal_width())


def _row(agent: Agent, one: Figures | TmuxagentsError, now_ns: int) -> dict[str, str]:
    if isinstance(one, TmuxagentsError):
        return {**dict.fromkeys(_COLUMNS, "-"), "AGENT": agent.name, "MERGES": one_line(one.message, 200)}
    return {
        "AGENT": agent.name,
        "FILES": str(len(one.changes)),
        "LINES": f"+{_total(one, 'insertions')} -{_total(one, 'deletions')}",
        "COMMITS": f"{one.commits}{' and more' if one.held.loose else ''}",
        "CHANGED": f"{clock.ago(one.changed_ns, now_ns)} ago" if one.changed_ns is not None else "-",
        "MERGES": _merges(one),
    }


def _total(one: Figures, what: str) -> int:
    return sum(getattr(change, what) or 0 for change in one.changes)


def _merges(one: Figures) -> str:
    into = one.side.into
    if one.doing is not None:
        return f"{one.doing} is under way"
    if one.merges is None or into is None:
        return "nowhere"
    # A commit without a change is one all the same.
    if not (one.changes or one.commits):
        return f"nothing for {one_line(into)}"
    if one.merges.is_clean:
        return f"into {one_line(into)}"
    return f"conflicts with {one_line(into)}: {', '.join(one_line(path) for path in clashing(one.merges))}"


def clashing(outcome: Outcome) -> list[str]:
    """The files that it would stop at, else why."""
    found = dict.fromkeys(os.fsdecode(path) for clash in outcome.clashes for path in clash.paths)
    return list(found) or [clash.what for clash in outcome.clashes]


def as_json(agent: Agent, one: Figures | TmuxagentsError) -> dict[str, Any]:
    """Every key, whether it is known or not."""
    found: dict[str, Any] = {
        "agent": agent.name,
        "id": agent.id,
        **dict.fromkeys(("path", "branch", "head", "into", "base", "commits", "insertions", "deletions", "files")),
        **dict.fromkeys(("uncommitted", "left_out", "merges", "conflicts", "changed", "trouble")),
    }
    if isinstance(one, TmuxagentsError):
        return {**found, "trouble": one.message}
    return {**found, **_figures(one)}


def _figures(one: Figures) -> dict[str, Any]:
    side = one.side
    return {
        "path": side.checkout.top,
        "branch": side.checkout.branch,
        "head": side.checkout.head,
        "into": side.into,
        "base": side.base,
        "commits": one.commits,
        "insertions": _total(one, "insertions"),
        "deletions": _total(one, "deletions"),
        "files": [
            {
                "path": os.fsdecode(change.path),
                "before": os.fsdecode(change.before) if change.before is not None else None,
                "status": change.status,
                "insertions": change.insertions,
                "deletions": change.deletions,
            }
            for change in one.changes
        ],
        "uncommitted": [os.fsdecode(path) for path in one.held.loose],
        "left_out": [os.fsdecode(path) for path in one.held.within],
        "merges": one.merges.is_clean if one.merges is not None else None,
        "conflicts": clashing(one.merges) if one.merges is not None else [],
        "changed": clock.rfc3339(one.changed_ns),
        "trouble": f"{one.doing} is under way" if one.doing is not None else None,
    }
