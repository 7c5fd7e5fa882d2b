"""Carry out what the planner decided: look up what each action needs, then record all of it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence

from tmuxagents import clock
from tmuxagents.errors import NameTaken, TmuxagentsError
from tmuxagents.model.run import Action, Begin, Check, End, Expand, Finish, Next, Run, Settle, TaskRow
from tmuxagents.runs import apply
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.lifecycle import queued
from tmuxagents.services.lifecycle.asked import Asked, SpawnRequest
from tmuxagents.services.locks import holding
from tmuxagents.services.runs import filling, finding, recording, requests
from tmuxagents.services.runs.known_run import Known
from tmuxagents.services.runs.seeing import World
from tmuxagents.services.server import startup
from tmuxagents.value import replace

AT_ONCE = 16
"""So many agents are asked for in one step: what was recorded before shows while the others are looked up."""


def carry_out(app: App, known: Known, decided: Next, around: World) -> bool:
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
            recorded = recording.record(app, known, prepared, asked, around)
        except (NameTaken, recording.Overtaken):
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
