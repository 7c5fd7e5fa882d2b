"""Record what a step does, in one transaction, with all that belongs to it.

An agent is claimed in it as one that is queued, so nothing is begun twice; a text to an agent that goes on is held in
it, so nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tmuxagents import clock
from tmuxagents.model.condition import OVER
from tmuxagents.model.run import SETTLED, Action, Again, Begin, Check, Finish, Run, Settle, TaskRow, Told
from tmuxagents.names import AgentId
from tmuxagents.runs import apply
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import queued
from tmuxagents.services.lifecycle.asked import Asked
from tmuxagents.services.runs import calling, filling, locking, seeing, warning
from tmuxagents.services.runs.known_run import Known
from tmuxagents.services.runs.seeing import World
from tmuxagents.store import agents, journal, messages, runs
from tmuxagents.store.queue import Transaction
from tmuxagents.value import replace


class Overtaken(Exception):
    """Somebody else has one of the locks by now."""


def record(app: App, known: Known, actions: Sequence[Action], asked: Mapping[str, Asked], around: World) -> bool:
    """False, and nothing is done, where somebody else has recorded something since; `Overtaken`, `NameTaken`."""
    now = clock.now_ns()
    run, rows, changed = known.run, dict(known.rows), dict[str, TaskRow]()
    with app.db.write() as tx:
        if not runs.advance(tx, run.id, known.version):
            return False
        for action in actions:
            if isinstance(action, Finish):
                run = apply.finished(run, action, now)
                runs.set_state(tx, run.id, run.state, ended_ns=run.ended_ns)
                calling.note(tx, run, list(rows.values()))
                continue
            # All of an action's rows are worked out before any of them is seen by the next.
            touched = tuple(_touched(app, tx, rows, run, action, asked, now))
            after = {row.key: _timed(row, around) if isinstance(action, Settle) else row for row in touched}
            changed.update(after)
            rows.update(after)
        runs.put(tx, run.id, changed.values())
        run = warning.of_budget(tx, run, rows, list(changed.values()), now)
    known.version, known.run = known.version + 1, run
    known.rows.update(changed)
    known.closed -= changed.keys()
    return True


def _timed(row: TaskRow, around: World) -> TaskRow:
    """With the times of its agents: that a task is over may be seen, and recorded, later than it was, and one that was
    queued had not begun."""
    had = around.had(row)
    last = around.of(row.check_id) or (had[-1] if had else None)
    if row.begun_ns is None or row.ended_ns is None or last is None or last.phase == "queued":
        return row
    begun = max(row.begun_ns, had[0].started_ns) if had and not row.earlier and row.attempt == 1 else row.begun_ns
    ended = last.condition.since_ns
    ended = ended if begun <= ended <= row.ended_ns and last.condition.state in (*OVER, "idle") else row.ended_ns
    return replace(row, begun_ns=min(begun, ended), ended_ns=ended)


def _touched(
    app: App,
    tx: Transaction,
    rows: Mapping[str, TaskRow],
    run: Run,
    action: Action,
    asked: Mapping[str, Asked],
    now: int,
) -> Iterator[TaskRow]:
    """The rows behind the action, with what belongs to it done in the transaction."""
    before = rows.get(action.key) if not isinstance(action, Finish) else None
    agent_id = None
    if isinstance(action, Begin | Check):
        agent = queued.claim(app, tx, asked[action.key], owner=run.id)
        agent_id = agent.id
        if (
            isinstance(action, Begin)
            and before is not None
            and before.task.locks
            and not locking.take(tx, rows, before, agent.id, run=run.name, now=now)
        ):
            raise Overtaken
    for row in apply.touched(rows, action, now, agent_id):
        if before is None or row.key != before.key:
            yield row
        elif isinstance(action, Begin):
            yield replace(row, told=None, earlier=tuple(seeing.ids(before)), revived=0)
        elif isinstance(action, Again):
            checks = () if before.check_id is None else (before.check_id,)
            told = _hold(tx, row, filling.again(action.why), now)
            yield replace(row, told=told, earlier=(*before.earlier, *checks), revived=0)
        else:
            if row.state in SETTLED and row.task.locks and not seeing.is_looked_at(row):
                # Its agent stays: nobody waits for its end.
                locking.give_back(tx, row)
            yield row


def _hold(tx: Transaction, row: TaskRow, text: str, now: int) -> Told:
    from tmuxagents.kinds.prompts import digest
    from tmuxagents.output.safe_text import sendable

    assert row.agent_id is not None, "who goes on has an agent"
    clean, agent_id = sendable(text), AgentId(row.agent_id)
    mark, condition = journal.last_in(tx), agents.condition_of(tx, agent_id)
    runs_still = condition.state == "working" and condition.turn > condition.turns
    cut = condition.turn if runs_still else None
    return Told(messages.hold(tx, agent_id, clean, now_ns=now), mark, digest(clean), cut)
