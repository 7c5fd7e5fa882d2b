"""What a run should do next, from what is recorded and seen alone."""

from __future__ import annotations

from collections.abc import Iterable

from tmuxagents.model.run import End, Expand, Facts, Finish, Held, Next, RunState, Settle, TaskRow, TaskState
from tmuxagents.runs import budgets, gates, groups, order, outcomes
from tmuxagents.runs.gates import NS, Closed, Gate
from tmuxagents.runs.order import Order
from tmuxagents.runs.outcomes import Going, Turn
from tmuxagents.runs.room import Room
from tmuxagents.runs.table import Table, must_end
from tmuxagents.settings.shown import duration

OVER: frozenset[RunState] = frozenset({"done", "failed", "stopped"})


def step(facts: Facts, known: Order | None = None) -> Next:
    """What to do now. The same facts give the same step; carried out in part, or twice (`runs.apply`), the next step
    goes on from there. Step again after what was done: a task that is over makes room for others at once.

    `known` is `order.of(run.manifest)`, for who steps often: it is the same until the manifest changes."""
    if facts.run.state in OVER:
        return Next(())
    return _Step(facts, known or order.of(facts.run.manifest)).next()


class _Step:
    def __init__(self, facts: Facts, known: Order) -> None:
        self.facts, self.table = facts, Table(facts, known)
        self.ends_ns = _end_of(facts)
        self.is_late = self.ends_ns is not None and facts.now_ns >= self.ends_ns
        self.going: Going = "on"
        if self.is_late or facts.run.state == "stopping":
            self.going = "ending"
        elif facts.run.state == "paused":
            self.going = "paused"
        self.over_budget = budgets.of_run(self.table)
        self.gates: dict[str, Gate] = {}
        self.expands = False

    def next(self) -> Next:
        turns = self._look_at_agents()
        if self.going == "ending":
            self._give_up()
        self._settle_what_follows()
        self.table.actions += [turn for turn in turns if not self.table.is_settled(turn.key)]
        ends = self._end_agents()
        held = self._begin()
        if not ends:
            self._finish()
        return Next(tuple(self.table.actions), self._wake_ns(), held)

    def _look_at_agents(self) -> list[Turn]:
        """Settle what is over; what would go on, while nobody has decided that it is not waited for."""
        found = [outcomes.action(self.table, row, self.going, self.over_budget) for row in self.table.active()]
        for action in found:
            if isinstance(action, Settle):
                self.table.act(action)
        return [action for action in found if action is not None and not isinstance(action, Settle)]

    def _give_up(self) -> None:
        for row in [row for row in self.table.unsettled() if not row.group]:
            self.table.settle(row.key, *self._given_up(row))

    def _given_up(self, row: TaskRow) -> tuple[TaskState, str]:
        if not self.is_late:
            return "stopped", "the run was stopped"
        limit = self.facts.run.manifest.timeout_s
        assert limit is not None, "only a run with a time limit is late"
        why = f"the run's time limit of {duration(limit)} was over"
        return ("skipped", f"{why} before it began") if row.state == "waiting" else ("timed-out", why)

    def _settle_what_follows(self) -> None:
        """Settle everything that follows from what is settled: what cannot come about any more, repeated tasks whose
        elements are over, what a join does not wait for, what has nothing left to spend."""
        for row in self.table.unsettled():
            if row.of is None:
                self._settle_owner(row)
        while True:
            self._visit(self._touched())
            for key in self.table.order.joins:
                self._leave_behind(key)
            self._withhold()
            if not self.table.fresh:
                return

    def _visit(self, keys: Iterable[str]) -> None:
        due = dict.fromkeys(keys)
        while due:
            # Those that wait for what is settled here are looked at after all that are due already: one that waits
            # for many is looked at once.
            for key in due:
                self._settle_owner(self.table.rows[key])
            due = dict.fromkeys(self._touched())

    def _touched(self) -> list[str]:
        """Who has to be looked at again for what was settled since."""
        fresh, self.table.fresh = self.table.fresh, []
        rows, settled, dependents = self.table.rows, self.table.settled, self.table.order.dependents
        owners = (dependents.get(key, ()) if (of := rows[key].of) is None else (of,) for key in fresh)
        return [key for keys in owners for key in keys if key in rows and key not in settled]

    def _settle_owner(self, row: TaskRow) -> None:
        key, table = row.key, self.table
        if row.state != "waiting" or key in table.settled:
            return
        if self.going != "ending":
            gate = gates.of(table, row)
            if isinstance(gate, Closed):
                table.settle(key, gate.state, gate.why)
                return
            self.gates[key] = gate
        if not row.group or table.open_elements(key):
            return
        if row.expanded:
            groups.settle(table, key)
        elif self.going == "ending":
            table.settle(key, *self._given_up(row))

    def _leave_behind(self, key: str) -> None:
        row = self.table.rows.get(key)
        if row and row.task.join and row.task.join.late == "stop" and gates.is_decided(self.table, row):
            for each in gates.unwanted(self.table, row):
                self.table.settle(each, "stopped", f"'{key}' did not wait for it")

    def _withhold(self) -> None:
        if self.going == "on" and (self.over_budget or self.table.order.has_budgets):
            for row in self._ready():
                over = budgets.of_task(self.table, row) or self.over_budget
                # A program of the user's own spends nothing of it.
                if over and row.task.kind != "command":
                    self.table.settle(row.key, "failed", f"it was not begun: {over}")

    def _ready(self) -> list[TaskRow]:
        turns, rows = self.gates, self.table.unsettled()
        return [
            row for row in rows if row.state == "waiting" and not row.group and turns.get(row.of or row.key) == "open"
        ]

    def _end_agents(self) -> bool:
        ends = False
        for key, seen in sorted(self.facts.seen.items()):
            row = self.table.rows.get(key)
            if row and self.table.is_settled(key) and must_end(row, seen, self.table.state(key)):
                self.table.act(End(key, self.table.error(key) or "its answer is recorded"))
                ends = True
        return ends

    def _begin(self) -> dict[str, Held]:
        expansions = self._expansions()
        ready = self._ready()
        if self.going != "on":
            return {row.key: "paused" for row in ready}
        if expansions:
            # Its elements come before what is behind it: the next step, at once, knows them.
            return {}
        room = Room(self.table.running(), self.facts.run.manifest.max_parallel, self.facts.locks)
        begun, held = room.let_in(ready)
        self.table.actions.extend(begun)
        return held

    def _expansions(self) -> list[Expand]:
        if self.going == "ending":
            return []
        open_groups = [row for row in self.table.unsettled() if row.group and not row.expanded and self._is_due(row)]
        found = [one for row in open_groups if (one := groups.expansion(self.table, row))]
        self.table.actions.extend(found)
        self.expands = bool(found)
        return found

    def _is_due(self, row: TaskRow) -> bool:
        """What a task before it makes is found when that is done."""
        assert row.task.for_each is not None, "only a repeated task is a group"
        return row.task.for_each.glob is None or self.gates.get(row.key) == "open"

    def _finish(self) -> None:
        if not self.table.unsettled():
            self.table.act(Finish(self._finished()))

    def _finished(self) -> RunState:
        if all(self._is_well(row) for row in self.table.rows.values()):
            return "done"
        return "stopped" if self.facts.run.state == "stopping" else "failed"

    def _is_well(self, row: TaskRow) -> bool:
        state = self.table.state(row.key)
        return state == "done" or (state == "stopped" and self._was_left_behind(self.table.owner(row)))

    def _was_left_behind(self, key: str) -> bool:
        dependents = (self.table.rows.get(name) for name in self.table.order.dependents.get(key, ()))
        joins = [row for row in dependents if row and row.task.join and key in row.task.join.of]
        return any(
            row.task.join and row.task.join.late == "stop" and gates.is_decided(self.table, row) for row in joins
        )

    def _wake_ns(self) -> int | None:
        if self.expands:
            return self.facts.now_ns
        moments = [self.ends_ns]
        moments += [outcomes.deadline(row, self.facts.seen.get(row.key)) for row in self.table.active()]
        joins = [self.table.rows[key] for key in self.table.order.joins if self.table.state(key) == "waiting"]
        moments += [gates.deadline(self.table, row.task.join) for row in joins if row.task.join]
        return min((moment for moment in moments if moment is not None and moment > self.facts.now_ns), default=None)


def _end_of(facts: Facts) -> int | None:
    limit, run = facts.run.manifest.timeout_s, facts.run
    if limit is None:
        return None
    return (run.created_ns if run.retried_ns is None else run.retried_ns) + round(limit * NS)
