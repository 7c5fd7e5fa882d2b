"""One step of a run: look, decide, claim and record in one transaction, then say who is to be acted on.

Whoever steps may be killed anywhere: what `recording` does in its transaction is done once, and what is to be stopped
or started again follows from what is recorded, so the next step does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import SETTLED, Facts, Run, Seen, Span, TaskRow
from tmuxagents.runs import planner, spans, templates
from tmuxagents.services.app import App
from tmuxagents.services.runs import carrying_out, known_run, locking, seeing, upkeep
from tmuxagents.services.runs.known_run import Known
from tmuxagents.services.runs.seeing import World
from tmuxagents.store import runs
from tmuxagents.value import Value, replace


class Stepped(Value):
    """What a step came to: whether something was recorded, so that there may be more to do at once, when to look again
    where nothing happens, who is to be stopped, interrupted or started again now, and the checks that
    have passed, of which nothing is to be kept."""

    known: Known | None
    moved: bool = False
    wake_ns: int | None = None
    stop: Sequence[Agent] = ()
    interrupt: Sequence[Agent] = ()
    revive: Sequence[Agent] = ()
    passed: Sequence[Agent] = ()


def step(app: App, run_id: str, known: Known | None = None) -> Stepped:
    """Take the run one step on."""
    now = known_run.read(app, run_id, known)
    if now is None or now.run.state in runs.OVER:
        return Stepped(now)
    looked = [row for row in now.rows.values() if seeing.is_looked_at(row) and row.key not in now.closed]
    around = seeing.world(app, looked)
    seen = seeing.seen(app, looked, around, _asked_for(now.run))
    seen = seeing.waited(seen, now.rows, _limited(app, now, seen))
    over = [row for row in looked if row.state in SETTLED and row.key not in seen]
    locking.free(app, over)
    now.closed |= {row.key for row in over}
    facts = Facts(now.run, tuple(now.rows.values()), seen, clock.now_ns(), locking.held(app, now.run))
    decided = planner.step(facts, now.order)
    moved = carrying_out.carry_out(app, now, decided, around)
    _note_waits(app, now, spans.moved(now.waiting, facts, decided))
    passed = [agent for row in looked if row.state == "done" and (agent := _over(around, row.check_id)) is not None]
    begun = [row for key in seen if (row := now.rows[key]).state in ("begun", "checking")]
    ends = [until for row in begun if (until := _limit_of(row, around)) is not None]
    return Stepped(
        now,
        moved,
        min((at for at in (decided.wake_ns, *ends) if at is not None), default=None),
        upkeep.to_stop(now, begun, decided, around),
        upkeep.to_interrupt(begun, around),
        upkeep.to_revive(begun, around),
        passed,
    )


def _asked_for(run: Run) -> seeing.Used:
    """Looked up where somebody wants to know: it takes a look at each text."""

    def used(row: TaskRow) -> bool:
        key = row.of or row.key
        for task in run.manifest.tasks:
            if (task.join is not None and key in task.join.of) or key in templates.fields(task):
                return True
            if task.for_each is not None and task.for_each.lines_of == key:
                return True
        return False

    return used


def _limit_of(row: TaskRow, around: World) -> int | None:
    agent = around.of(row.agent_id)
    return seeing.limited_until(agent) if agent is not None and row.state == "begun" else None


def _over(around: World, agent_id: str | None) -> Agent | None:
    agent = around.of(agent_id)
    return agent if agent is not None and seeing.is_over(agent) else None


def _limited(app: App, known: Known, seen: Mapping[str, Seen]) -> Sequence[Span]:
    """The times in which those that have a time limit waited for a limit of the account to be reset."""
    timed = [key for key in seen if known.rows[key].task.timeout_s is not None]
    return runs.spans_of(app.db, known.run.id, timed, why="limited")


def _note_waits(app: App, known: Known, changed: Sequence[Span]) -> None:
    """What is told at the end of what held the run back: nothing is decided by it."""
    if not changed:
        return
    with app.db.write() as tx:
        runs.put_spans(tx, known.run.id, changed)
    for span in changed:
        if span.to_ns is None:
            known.waiting[span.key] = span
        elif known.waiting.get(span.key) == replace(span, to_ns=None):
            del known.waiting[span.key]
