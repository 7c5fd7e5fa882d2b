"""One step of a run: look, decide, claim and record in one transaction, then act.

Whoever steps may be killed anywhere. An agent is claimed in the transaction that records the attempt, as one that is
queued, so nothing is begun twice; a text to an agent that goes on is held in it, so nothing is told twice; what is to
be stopped or started again follows from what is recorded, so the next step does it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from tmuxagents import clock
from tmuxagents.errors import NameTaken, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.run import (
    SETTLED,
    Action,
    Again,
    Begin,
    Check,
    End,
    Expand,
    Facts,
    Finish,
    Next,
    Run,
    Settle,
    Span,
    TaskRow,
    Told,
)
from tmuxagents.names import AgentId
from tmuxagents.runs import apply, nearing, order, planner, spans, templates
from tmuxagents.runs.order import Order
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.lifecycle import queued
from tmuxagents.services.lifecycle.asked import Asked, SpawnRequest
from tmuxagents.services.locks import holding
from tmuxagents.services.runs import filling, finding, requests, seeing
from tmuxagents.services.runs.seeing import World
from tmuxagents.services.server import startup
from tmuxagents.store import agents, journal, locks, messages, runs
from tmuxagents.store.queue import Transaction
from tmuxagents.value import Value, fresh, replace

AT_ONCE = 16
"""So many agents are asked for in one step: what was recorded before shows while the others are looked up."""


class Known(Value, frozen=False):
    """A run as it was read or recorded last, for who steps often; `closed` are the tasks whose agents are over for
    good."""

    version: int
    run: Run
    rows: dict[str, TaskRow]
    order: Order
    waiting: dict[str, Span]
    closed: set[str] = fresh(default_factory=set)


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


def read(app: App, run_id: str, known: Known | None) -> Known | None:
    """The run as it is recorded now; None where it is forgotten."""
    version = runs.version(app.db, run_id)
    if known is not None and known.version == version:
        return known
    run = runs.by_id(app.db, run_id)
    if run is None:
        return None
    rows = {row.key: row for row in runs.rows(app.db, run)}
    waiting = {span.key: span for span in runs.spans(app.db, run_id, open_=True)}
    return Known(version, run, rows, order.of(run.manifest), waiting, known.closed if known is not None else set())


def step(app: App, run_id: str, known: Known | None = None) -> Stepped:
    """Take the run one step on."""
    now = read(app, run_id, known)
    if now is None or now.run.state in runs.OVER:
        return Stepped(now)
    looked = [row for row in now.rows.values() if seeing.is_looked_at(row) and row.key not in now.closed]
    around = seeing.world(app, looked)
    seen = seeing.waited(seeing.seen(app, looked, around, _asked_for(now.run)), now.rows, _limited(app, now))
    over = [row for row in looked if row.state in SETTLED and row.key not in seen]
    _free(app, over)
    now.closed |= {row.key for row in over}
    facts = Facts(now.run, tuple(now.rows.values()), seen, clock.now_ns(), _held(app, now.run))
    decided = planner.step(facts, now.order)
    moved = _carry_out(app, now, decided, around)
    _note_waits(app, now, spans.moved(now.waiting, facts, decided))
    passed = [agent for row in looked if row.state == "done" and (agent := _over(around, row.check_id)) is not None]
    begun = [row for key in seen if (row := now.rows[key]).state in ("begun", "checking")]
    ends = [until for row in begun if (until := _limit_of(row, around)) is not None]
    return Stepped(
        now,
        moved,
        min((at for at in (decided.wake_ns, *ends) if at is not None), default=None),
        _to_stop(now, begun, decided, around),
        _to_interrupt(begun, around),
        _to_revive(begun, around),
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


def _settled_with(rows: Mapping[str, TaskRow], wanted: TaskRow) -> list[TaskRow]:
    """The settled tasks of the run that had one of its locks."""
    names = set(wanted.task.locks)
    return [row for row in rows.values() if row.state in SETTLED and not names.isdisjoint(row.task.locks)]


def _give_back(tx: Transaction, row: TaskRow) -> None:
    for agent_id in seeing.ids(row):
        locks.give_back(tx, AgentId(agent_id))


def _free(app: App, over: Sequence[TaskRow]) -> None:
    """Give back the locks of tasks whose agents are over: until then their turns may run."""
    locked = [row for row in over if row.task.locks]
    if locked:
        with app.db.write() as tx:
            for row in locked:
                _give_back(tx, row)


def _limited(app: App, known: Known) -> Sequence[Span]:
    """The times in which its tasks waited for a limit to be reset, where one of them has a time limit."""
    if not any(row.task.timeout_s is not None for row in known.rows.values()):
        return ()
    return [span for span in runs.spans(app.db, known.run.id) if span.why == "limited"]


def _held(app: App, run: Run) -> frozenset[str]:
    """The locks that somebody else has."""
    from tmuxagents.services.locks import looking

    if not any(task.locks for task in run.manifest.tasks):
        return frozenset()
    mine = {kept.name for kept in locks.kept(app.db) if kept.run == run.name}
    return looking.held_names(app) - mine


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


def _carry_out(app: App, known: Known, decided: Next, around: World) -> bool:
    """Record what was decided with everything that belongs to it, in one transaction; False where there is nothing, or
    somebody else has recorded something since: then it is decided anew."""
    chosen = _some([action for action in decided.actions if not isinstance(action, End)])
    if not chosen:
        return False
    asked: dict[str, Asked] = {}
    with contextlib.ExitStack() as turns:
        recorded = False
        try:
            prepared = _all_prepared(app, known, chosen, around, asked, turns)
            recorded = _record(app, known, prepared, asked, around)
        except (NameTaken, _Overtaken):
            # Somebody has one of the names, or the locks, since we looked: it is decided anew.
            pass
        finally:
            if not recorded:
                for one in asked.values():
                    queued.forgo(app, one)
    if recorded and asked:
        # Whoever steps is the controller.
        startup.nudge(app)
    return recorded


class _Overtaken(Exception):
    """Somebody else has one of the locks by now."""


def _some(actions: Sequence[Action]) -> list[Action]:
    """As many as one step does."""
    found: list[Action] = []
    begun = 0
    for action in actions:
        begun += isinstance(action, Begin | Check)
        if begun > AT_ONCE:
            break
        found.append(action)
    # What is recorded as over while something of it is still to be begun would be wrong.
    return found if len(found) == len(actions) else [each for each in found if not isinstance(each, Finish)]


def _all_prepared(
    app: App,
    known: Known,
    chosen: Sequence[Action],
    around: World,
    asked: dict[str, Asked],
    turns: contextlib.ExitStack,
) -> list[Action]:
    """The actions, each with what it needs looked up. The texts of what begins tell of what ends in this step too."""
    found: list[Action] = []
    rows = dict(known.rows)
    for action in chosen:
        each = _prepared(app, known.run, rows, action, around, asked, turns)
        if each is not None:
            found.append(each)
        if isinstance(each, Settle):
            rows |= {row.key: row for row in apply.touched(rows, each, clock.now_ns())}
    return found


def _prepared(
    app: App,
    run: Run,
    rows: Mapping[str, TaskRow],
    action: Action,
    around: World,
    asked: dict[str, Asked],
    turns: contextlib.ExitStack,
) -> Action | None:
    """The action with what it needs looked up; where that fails its task has failed. None where it waits for a lock."""
    if not isinstance(action, Begin | Check | Expand):
        return action
    row = rows[action.key]
    try:
        if isinstance(action, Expand):
            return finding.with_files(run, row, action)
        if (
            isinstance(action, Begin)
            and row.task.locks
            and not turns.enter_context(holding.reserved(app, row.task.locks))
        ):
            return None
        caller, request = _request(app, run, rows, action, around, {str(one.name) for one in asked.values()})
        asked[action.key] = queued.ask(app, request, caller=caller)
    except TmuxagentsError as error:
        if claims.is_passing(error):
            # It says nothing of that task: the step is taken again.
            raise
        why = error.message if row.group else f"it could not be asked for: {error.message}"
        return Settle(row.key, "failed", row.answer, why, row.attempt, row.cost_usd, row.tokens)
    return action


def _request(
    app: App,
    run: Run,
    rows: Mapping[str, TaskRow],
    action: Begin | Check,
    around: World,
    names: Collection[str],
) -> tuple[Mapping[str, str] | None, SpawnRequest]:
    row = rows[action.key]
    row = replace(row, task=filling.filled(app, rows, row, clock.now_ns()))
    caller = filling.environment(app, run)
    if isinstance(action, Begin):
        return caller, requests.of_task(app, run, row, action.why, but=names)
    agent = around.of(row.agent_id)
    if agent is None:
        raise TmuxagentsError("its agent was removed")
    return caller, requests.of_check(app, run, row, agent, but=names)


def _record(app: App, known: Known, actions: Sequence[Action], asked: Mapping[str, Asked], around: World) -> bool:
    now = clock.now_ns()
    run, rows, changed = known.run, dict(known.rows), dict[str, TaskRow]()
    with app.db.write() as tx:
        if not runs.advance(tx, run.id, known.version):
            return False
        for action in actions:
            if isinstance(action, Finish):
                run = apply.finished(run, action, now)
                runs.set_state(tx, run.id, run.state, ended_ns=run.ended_ns)
                continue
            # All of an action's rows are worked out before any of them is seen by the next.
            touched = tuple(_touched(app, tx, rows, run, action, asked, now))
            after = {row.key: _timed(row, around) if isinstance(action, Settle) else row for row in touched}
            changed.update(after)
            rows.update(after)
        runs.put(tx, run.id, changed.values())
        run = _told_of_budget(tx, run, rows, list(changed.values()), now)
    known.version, known.run = known.version + 1, run
    known.rows.update(changed)
    known.closed -= changed.keys()
    return True


WARNED = "warned"
"""What is kept with a run of the budgets that were told to be near or spent."""


def _told_of_budget(
    tx: Transaction, run: Run, rows: Mapping[str, TaskRow], changed: Sequence[TaskRow], now: int
) -> Run:
    """Say it once in the journal, of the agent whose task came to it."""
    last = next((row.agent_id for row in reversed(changed) if row.state in SETTLED and row.agent_id is not None), None)
    if last is None or (run.manifest.budget_usd is None and run.manifest.budget_tokens is None):
        return run
    found = nearing.told(run.name, run.manifest, rows.values(), run.options.get(WARNED) or {})
    if found is None:
        return run
    text, kept = found
    agent = agents.in_transaction(tx, AgentId(last))
    journal.append(tx, agent.id, agent.generation, [NewEntry("note", text, now)])
    runs.set_option(tx, run.id, WARNED, kept)
    return replace(run, options={**run.options, WARNED: kept})


def _timed(row: TaskRow, around: World) -> TaskRow:
    """With the times of its agents: that a task is over may be seen, and recorded, later than it was, and one that was
    queued had not begun."""
    had = [agent for each in (*row.earlier, row.agent_id) if (agent := around.of(each)) is not None]
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
        if isinstance(action, Begin) and before is not None and before.task.locks:
            _give_back(tx, before)
            for row in _settled_with(rows, before):
                # It is over, as the planner has seen, and that is recorded in this very transaction at the latest.
                _give_back(tx, row)
            if not locks.keep(tx, before.task.locks, agent.id, run=run.name, now_ns=now):
                raise _Overtaken
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
                _give_back(tx, row)
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


def _to_stop(known: Known, begun: Sequence[TaskRow], decided: Next, around: World) -> list[Agent]:
    """Whom nobody waits for any more: the agents of what is settled, and those of earlier attempts."""
    ended = [known.rows[action.key] for action in decided.actions if isinstance(action, End)]
    found = [agent for row in ended for i in seeing.ids(row) if (agent := around.of(i))]
    if known.run.state != "stopping":
        answered = {row.agent_id for row in ended if row.state == "done"}
        found = [agent for agent in found if not _is_spared(answered, agent)]
    found += [agent for row in begun for i in row.earlier if i != row.agent_id and (agent := around.of(i))]
    return [agent for agent in found if not seeing.is_over(agent)]


def _is_spared(answered: Collection[str | None], agent: Agent) -> bool:
    """Whether a person has given it something to do since it has answered: that is not cut off."""
    condition = agent.condition
    has_turns = agent.id in answered and registry.kind(agent.kind).CONFIRMS
    return has_turns and condition.turn > condition.turns and condition.state in ("working", "waiting")


def _to_interrupt(begun: Sequence[TaskRow], around: World) -> list[Agent]:
    """Whose turn took too long, and runs while what was wrong waits to be told."""
    found = [(row, agent) for row in begun if row.state == "begun" and (agent := around.of(row.agent_id))]
    return [agent for row, agent in found if _is_to_be_cut(row, agent)]


def _is_to_be_cut(row: TaskRow, agent: Agent) -> bool:
    condition, cut = agent.condition, row.told.cut if row.told is not None else None
    return condition.state == "working" and condition.turn == cut and condition.turns < condition.turn


def _to_revive(begun: Sequence[TaskRow], around: World) -> list[Agent]:
    """Whose program was lost while a task is its own, and who has ended and is to be told something."""
    found = [(row, around.of(row.check_id if row.state == "checking" else row.agent_id)) for row in begun]
    return [agent for row, agent in found if agent is not None and must_revive(row, agent, around)]


def must_revive(row: TaskRow, agent: Agent, around: World) -> bool:
    """Whether the program of that task's agent, or of its check, is to be started again."""
    if agent.phase in ("queued", "claimed") or row.revived >= seeing.REVIVALS or seeing.is_stopped(agent):
        return False
    waits = row.state == "begun" and row.told is not None and around.owing.get(agent.id, 0) > 0
    until = seeing.limited_until(agent)
    if until is not None and not waits:
        return clock.now_ns() >= until
    return seeing.is_lost(agent) or (waits and agent.condition.state in OVER)
