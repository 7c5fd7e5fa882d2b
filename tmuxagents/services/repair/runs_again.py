"""Make the runs again of which nothing but their copies is left: with what their agents' own sources prove, no more.

Nothing of such a run is begun by that. A task whose agent is known to have answered is done; what became of all others
nobody knows, and they have failed: who wants them tried again says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.kinds import registry
from tmuxagents.model import codec, spending
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import SETTLED, Expand, Run, TaskRow
from tmuxagents.runs import apply, groups
from tmuxagents.services.app import App
from tmuxagents.services.runs import answering, run_file
from tmuxagents.store import agents, runs
from tmuxagents.store.repair import restore
from tmuxagents.value import replace

LOST = "what became of it was lost with the database"


def restore_lost(app: App) -> list[str]:
    """Record each run that the database does not know; says in a line each what is not known of it."""
    said: list[str] = []
    for run in run_file.kept(app):
        if runs.by_id(app.db, run.id) is None:
            said += _restored(app, run)
    return said


def _restored(app: App, run: Run) -> list[str]:
    own: dict[str, list[Agent]] = {}
    for agent in sorted(agents.known(app.db), key=lambda one: one.created_ns):
        mark = agent.options.get("run")
        if isinstance(mark, Mapping) and mark.get("id") == run.id and not mark.get("check"):
            own.setdefault(str(mark.get("key")), []).append(agent)
    now = clock.now_ns()
    rows = _rows(app, run, own, now)
    lost = [row.key for row in rows if row.state != "done" and not row.group]
    run = replace(run, state="failed" if any(row.state != "done" for row in rows) else "done", ended_ns=now)
    with app.db.write() as tx:
        if not restore.runs(tx, [_as_row(tx, run)]):
            return [f"{run.name}: the run; its name is another's by now"]
        runs.put(tx, run.id, rows)
        number = run.name.removeprefix("run-")
        if number.isdecimal():
            restore.counter(tx, "run", int(number))
    if not lost:
        return []
    told = ", ".join(lost[:8]) + (", …" if len(lost) > 8 else "")
    return [f"{run.name}: what became of {told}: tmuxagents run --retry-failed {run.name} tries that again"]


def _rows(app: App, run: Run, own: Mapping[str, Sequence[Agent]], now: int) -> list[TaskRow]:
    table = {row.key: row for row in _all(run, now)}
    for row in [row for row in table.values() if not row.group]:
        table[row.key] = _settled(app, row, own.get(row.key, ()), now)
    for row in [row for row in table.values() if row.group]:
        elements = [each for each in table.values() if each.of == row.key]
        well = row.expanded and all(each.state == "done" for each in elements)
        answer = "\n\n".join(each.answer or "" for each in elements) if well else None
        error = None if well else LOST
        table[row.key] = replace(row, state="done" if well else "failed", answer=answer, error=error, ended_ns=now)
    assert all(row.state in SETTLED for row in table.values()), "nothing of it may be begun"
    return list(table.values())


def _all(run: Run, now: int) -> Iterable[TaskRow]:
    """A row for each task, and for the elements of repeated ones as far as the manifest tells them."""
    rows = {row.key: row for row in apply.first(run.manifest)}
    for row in list(rows.values()):
        each = row.task.for_each
        if each is not None and each.glob is None and each.lines_of is None:
            expand = Expand(row.key, groups.elements(each, each.items))
            rows |= {one.key: one for one in apply.touched(rows, expand, now)}
    return rows.values()


def _settled(app: App, row: TaskRow, had: Sequence[Agent], now: int) -> TaskRow:
    row = replace(row, state="failed", error=LOST, ended_ns=now)
    if not had:
        return row
    last, usages = had[-1], [agent.condition.usage for agent in had]
    costs = [usage.microusd for usage in usages if usage.microusd is not None]
    row = replace(
        row,
        attempt=1,
        agent_id=last.id,
        earlier=tuple(agent.id for agent in had[:-1]),
        begun_ns=had[0].started_ns,
        attempt_ns=last.started_ns,
        cost_usd=sum(costs) / 1e6 if costs and len(costs) == len(usages) else None,
        tokens=sum(map(spending.tokens, usages)),
    )
    if row.task.check or not _has_answered(last):
        return row
    ended = max(last.condition.since_ns, last.started_ns)
    return replace(row, state="done", error=None, answer=answering.last(app, last), ended_ns=min(ended, now))


def _has_answered(agent: Agent) -> bool:
    """Whether its own sources say that its turn has ended well, and that nothing was begun behind that."""
    condition = agent.condition
    if agent.is_headless or not registry.kind(agent.kind).CONFIRMS:
        return condition.state == "ended" and condition.exit_code == 0
    return condition.ended == "done" and 0 < condition.turn <= condition.turns


def _as_row(tx: Any, run: Run) -> Mapping[str, Any]:
    number = tx.execute("SELECT coalesce(max(number), 0) + 1 FROM runs").fetchone()[0]
    return {
        "number": number,
        "id": run.id,
        "name": run.name,
        "manifest": json.dumps(codec.encode(run.manifest), separators=(",", ":")),
        "state": run.state,
        "created_ns": run.created_ns,
        "ended_ns": run.ended_ns,
        "retried_ns": run.retried_ns,
        "dir": run.dir,
        "options": json.dumps(dict(run.options)),
        "version": 0,
        "forgotten": 0,
    }
