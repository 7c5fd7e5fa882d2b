"""Record what was measured, and with it, in one transaction, what of it is news."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from tmuxagents import clock
from tmuxagents.drivers.git.merging import Clash
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.measured import Measured
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.store import journal, measured
from tmuxagents.store.measured import Transaction
from tmuxagents.value import Value, fresh, replace

KEPT = 50
"""So many files of a conflict are recorded."""

_NAMED = 3

_TOLD = 2
"""A trouble is told when it has been there so many times in a row: an agent that writes makes some for a moment."""


class Tried(Value):
    """How two were found, `first` the one that has changed; without a `second` it is with the branch `into`."""

    first: Agent
    second: Agent | None
    into: str | None
    pair: measured.Pair
    sign: str
    files: Sequence[str]


class News(Value, frozen=False):
    """What came of a look: figures of what a sign names, troubles in words, pairs that were tried."""

    figures: dict[AgentId, tuple[Measured, str]] = fresh(default_factory=dict)
    troubles: dict[AgentId, str] = fresh(default_factory=dict)
    pairs: list[Tried] = fresh(default_factory=list)


def files_of(clashes: Sequence[Clash]) -> list[str]:
    """The files that a merge would stop at, else the words for why it would."""
    found = dict.fromkeys(os.fsdecode(path) for clash in clashes for path in clash.paths[:1])
    return (list(found) or [clash.what for clash in clashes])[:KEPT]


def record(app: App, known: Sequence[Agent], before: Mapping[AgentId, Measured], news: News) -> None:
    """All of it, for those that are still there."""
    now_ns = clock.now_ns()
    with app.db.write() as tx:
        there = {agent.id for agent in known if measured.is_there(tx, agent.id)}
        for agent in (agent for agent in known if agent.id in there):
            if agent.id in news.troubles:
                _put_trouble(tx, agent, before.get(agent.id, Measured()), news, now_ns)
            elif agent.id in news.figures:
                measured.put(tx, agent.id, *news.figures[agent.id])
        for tried in news.pairs:
            if tried.first.id in there and (tried.second is None or tried.second.id in there):
                _settle(tx, tried, now_ns)


def _put_trouble(tx: Transaction, agent: Agent, was: Measured, news: News, now_ns: int) -> None:
    """The last figures stay; what they were of is looked at again."""
    trouble, failed = news.troubles[agent.id], was.failed + 1
    figures, _ = news.figures.get(agent.id, (was, ""))
    measured.put(tx, agent.id, replace(figures, trouble=trouble, failed=failed), "")
    if failed == _TOLD:
        entry = NewEntry("note", f"its work cannot be measured: {trouble}", now_ns)
        journal.append(tx, agent.id, agent.generation, [entry])


def _settle(tx: Transaction, tried: Tried, now_ns: int) -> None:
    change = measured.settle(tx, tried.pair, tried.sign, tried.files, into=tried.into, now_ns=now_ns)
    if not change:
        return
    first, second = tried.first, tried.second
    whom = second.name if second is not None else tried.into or ""
    journal.append(tx, first.id, first.generation, [_entry(tried, whom, second, change, now_ns)])
    if second is not None:
        entry = _entry(tried, first.name, first, change, now_ns)
        # Who reads both is told once.
        beside = replace(entry, detail={**entry.detail, "beside": first.id})
        journal.append(tx, second.id, second.generation, [beside])


def _entry(tried: Tried, whom: str, other: Agent | None, change: measured.Change, now_ns: int) -> NewEntry:
    began = change == "began"
    words = f"conflicts with {whom}: {_listed(tried.files)}" if began else f"no longer conflicts with {whom}"
    detail = {
        "with": other.name if other is not None else None,
        "with_id": other.id if other is not None else None,
        "into": tried.into,
        "files": list(tried.files),
        "began": began,
    }
    return NewEntry("conflict", words, now_ns, detail)


def _listed(files: Sequence[str]) -> str:
    named = ", ".join(one_line(name, 200) for name in files[:_NAMED])
    return named if len(files) <= _NAMED else f"{named} and {len(files) - _NAMED} more"
