"""What happened since somebody looked last, agent by agent, as data: from the journal's entries, each read once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import Fleet
from tmuxagents.store import journal, marks
from tmuxagents.value import Value, fresh, replace

_WRITES = frozenset({"Write", "Edit", "MultiEdit", "NotebookEdit"})
"""The tools whose target is a file that they change."""

_RUNS = frozenset({"Bash"})
"""The tools whose target is a command."""

_TESTS = re.compile(
    r"\b(?:pytest|unittest|tox|nox|jest|vitest|mocha|rspec|phpunit|ctest|bats)\b|\btests?\b(?!\.\w)", re.IGNORECASE
)
"""A command that runs tests, by what it is called."""


class Account(Value):
    """What one agent was asked, did and said. `first` and `last` are the places of the entries that were counted.

    `tools` are its calls by name; `files` what it changed and `commands` what it ran, each once, in order;
    `tests` how many of the runs were tests, `interrupted` how many of the turns. `cost_usd` is the sum of what
    the turns that ended told, None where none did. `now` is what is known of it now, None where it was removed.
    `whole` says that nothing that is unread stands before the first entry.
    """

    agent: AgentName
    agent_id: AgentId
    color: int
    first: int
    last: int
    first_ns: int
    last_ns: int
    entries: int
    asked: Sequence[str] = ()
    tools: Mapping[str, int] = fresh(default_factory=dict)
    files: Sequence[str] = ()
    commands: Sequence[str] = ()
    tests: int = 0
    turns: int = 0
    interrupted: int = 0
    cost_usd: float | None = None
    decisions: Sequence[str] = ()
    failures: Sequence[str] = ()
    ends: Sequence[str] = ()
    notes: Sequence[str] = ()
    said: int = 0
    says: str | None = None
    now: Condition | None = None
    whole: bool = True

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self.now is not None and self.now.state == "waiting"


class Catchup(Value):
    """Everybody of whom there is something to tell, those who wait first. `since_ns` is the moment asked for, or
    of the first entry; None where nothing happened."""

    since_ns: int | None
    accounts: Sequence[Account]


def gather(app: App, team: Fleet, ids: Collection[AgentId] | None, *, since_ns: int | None) -> Catchup:
    """Since that moment; None: of each agent since it was read last. Of a removed one too, when `ids` is None."""
    known = {agent.id: agent for agent in team.agents}
    accounts = []
    for agent, mark in marks.places(app.db).items():
        if ids is not None and agent not in ids:
            continue
        entries = _entries(app, agent, 0 if since_ns is not None else mark, since_ns or 0)
        found = account(entries, known.get(agent)) or _silent(known.get(agent))
        if found is not None and since_ns is not None and found.entries:
            found = replace(found, whole=marks.follows(app.db, agent, found.first))
        accounts += [found] if found is not None else []
    begun = [one.first_ns for one in accounts if one.entries]
    return Catchup(since_ns if since_ns is not None else min(begun, default=None), in_order(accounts))


def in_order(accounts: Iterable[Account]) -> list[Account]:
    """Those who wait first, then those with failures, then who spoke last."""
    return sorted(accounts, key=lambda one: (not one.waits, not one.failures, -one.last_ns))


def account(entries: Iterable[Entry], agent: Agent | None = None) -> Account | None:
    """One agent's entries, in order, in sum; None where there are none."""
    sums = _Sums()
    for entry in entries:
        _count(sums, entry)
    if sums.first is None or sums.last is None:
        return None
    return Account(
        agent=sums.last.agent,
        agent_id=sums.last.agent_id,
        color=sums.last.color,
        first=sums.first.seq,
        last=sums.last.seq,
        first_ns=sums.first.at_ns,
        last_ns=sums.last.at_ns,
        entries=sums.entries,
        asked=tuple(sums.asked),
        tools=dict(sums.tools.most_common()),
        files=tuple(sums.files),
        commands=tuple(sums.commands),
        tests=sums.tests,
        turns=sums.turns,
        interrupted=sums.interrupted,
        cost_usd=round(sum(sums.costs), 6) if sums.costs else None,
        decisions=tuple(sums.decisions),
        failures=tuple(sums.failures),
        ends=tuple(sums.ends),
        notes=tuple(sums.notes),
        said=sums.said,
        says=sums.says,
        now=agent.condition if agent is not None else None,
    )


class _Sums(Value, frozen=False):
    first: Entry | None = None
    last: Entry | None = None
    entries: int = 0
    asked: list[str] = fresh(default_factory=list)
    tools: Counter[str] = fresh(default_factory=Counter)
    files: dict[str, None] = fresh(default_factory=dict)
    commands: dict[str, None] = fresh(default_factory=dict)
    tests: int = 0
    turns: int = 0
    interrupted: int = 0
    costs: list[float] = fresh(default_factory=list)
    decisions: list[str] = fresh(default_factory=list)
    failures: list[str] = fresh(default_factory=list)
    ends: list[str] = fresh(default_factory=list)
    notes: list[str] = fresh(default_factory=list)
    said: int = 0
    says: str | None = None


def _count(sums: _Sums, entry: Entry) -> None:
    sums.first, sums.last, sums.entries = sums.first or entry, entry, sums.entries + 1
    match entry.kind:
        case "prompt":
            sums.asked.append(entry.text)
        case "text" | "output":
            sums.said += 1
            if not entry.detail.get("subagent"):
                sums.says = entry.text
        case "tool":
            _tool(sums, entry.text)
        case "turn":
            _turn(sums, entry)
        case "decision":
            sums.decisions.append(entry.text)
        # That its time is up is told again by its end.
        case "error" if "timeout_s" not in entry.detail:
            sums.failures.append(entry.text)
        case "exit":
            (sums.ends if entry.text.startswith("ended") else sums.failures).append(entry.text)
        case "note" | "gap" | "conflict":
            sums.notes.append(entry.text)


def _tool(sums: _Sums, text: str) -> None:
    name, _, target = text.partition(": ")
    sums.tools[name] += 1
    if name in _WRITES and target:
        sums.files[target] = None
    if name in _RUNS and target:
        sums.commands[target] = None
        sums.tests += _TESTS.search(target) is not None


def _turn(sums: _Sums, entry: Entry) -> None:
    sums.turns += 1
    sums.interrupted += entry.detail.get("how") == "interrupted"
    cost = entry.detail.get("cost_usd")
    if isinstance(cost, int | float) and not isinstance(cost, bool):
        sums.costs.append(float(cost))


def _silent(agent: Agent | None) -> Account | None:
    """Of one that waits it is told also when nothing is new."""
    if agent is None or agent.condition.state != "waiting":
        return None
    at_ns = agent.condition.since_ns
    return Account(agent.name, agent.id, agent.color, 0, 0, at_ns, at_ns, 0, now=agent.condition)


def _entries(app: App, agent: AgentId, seq: int, since_ns: int) -> Iterable[Entry]:
    while entries := journal.of_agent(app.db, agent, seq, since_ns=since_ns):
        yield from entries
        seq = entries[-1].seq
