"""What the tasks of a run have come to: what is recorded, and over it what the step has decided so far."""

from __future__ import annotations

from tmuxagents.model.run import SETTLED, Action, Facts, Seen, Settle, TaskRow, TaskState
from tmuxagents.runs.order import Order

TURN_RUNS = frozenset({"queued", "runs", "limited", "needs-you"})
"""An agent that is seen so has something to do, or is about to."""


class Table:
    """The rows in their order, by key. What the step decides is added to `actions`, and seen by what asks next."""

    def __init__(self, facts: Facts, order: Order) -> None:
        self.facts, self.order = facts, order
        self.now = facts.now_ns
        self.rows = {row.key: row for row in order.arranged(facts.tasks)}
        self.actions: list[Action] = []
        self.settled: dict[str, Settle] = {}
        self.fresh: list[str] = []
        self.elements: dict[str, list[str]] = {}
        self.states: dict[str, TaskState] = {key: row.state for key, row in self.rows.items()}
        self._open = [row for row in self.rows.values() if row.state not in SETTLED]
        self._open_of = 0
        self._left: dict[str, int] = {}
        for row in self.rows.values():
            if row.of is not None:
                self.elements.setdefault(row.of, []).append(row.key)
                self._left[row.of] = self._left.get(row.of, 0) + (row.state not in SETTLED)

    def state(self, key: str) -> TaskState | None:
        """What it has come to; None: there is none of that name."""
        return self.states.get(key)

    def is_settled(self, key: str) -> bool:
        """Whether nothing more becomes of it."""
        return self.states.get(key) in SETTLED

    def answer(self, key: str) -> str | None:
        """What it answered."""
        return self.settled[key].answer if key in self.settled else self.rows[key].answer

    def error(self, key: str) -> str | None:
        """Why it did not."""
        return self.settled[key].error if key in self.settled else self.rows[key].error

    def ended_ns(self, key: str) -> int | None:
        """When it was settled."""
        return self.now if key in self.settled else self.rows[key].ended_ns

    def owner(self, row: TaskRow) -> str:
        """The key of the task that its dependencies are those of: its own, or that of the repeated one."""
        return row.of if row.of is not None else row.key

    def open_elements(self, key: str) -> int:
        """How many elements of a repeated task are not settled."""
        return self._left.get(key, 0)

    def unsettled(self) -> list[TaskRow]:
        """Those of which something becomes yet."""
        if self._open_of != len(self.settled):
            # A list anew: who goes through the one before may settle meanwhile.
            self._open_of = len(self.settled)
            self._open = [row for row in self._open if row.key not in self.settled]
        return self._open

    def active(self) -> list[TaskRow]:
        """Those of them that an agent has."""
        return [row for row in self.unsettled() if row.state != "waiting"]

    def running(self) -> list[TaskRow]:
        """Those that take up a place: begun and not settled, and those whose agent is still to be ended."""
        lingering = [self.rows[key] for key in self.facts.seen if key in self.rows and self._lingers(key)]
        return self.active() + lingering

    def _lingers(self, key: str) -> bool:
        seen = self.facts.seen[key]
        return seen.now in TURN_RUNS and self.is_settled(key) and must_end(self.rows[key], seen, self.state(key))

    def settle(self, key: str, state: TaskState, error: str | None = None, answer: str | None = None) -> None:
        """Decide how it ends; of a repeated one, each of its elements that is open too. It is not settled yet."""
        for each in self.elements.get(key, ()):
            if not self.is_settled(each):
                self._settle(self.rows[each], state, error, answer)
        self._settle(self.rows[key], state, error, answer)

    def _settle(self, row: TaskRow, state: TaskState, error: str | None, answer: str | None) -> None:
        seen = self.facts.seen.get(row.key)
        cost, tokens = spent(row, seen) if seen else (row.cost_usd, row.tokens)
        self._record(row, Settle(row.key, state, answer, error, row.attempt, cost, tokens))

    def act(self, action: Action) -> None:
        """Decide that."""
        if isinstance(action, Settle):
            self._record(self.rows[action.key], action)
        else:
            self.actions.append(action)

    def _record(self, row: TaskRow, settle: Settle) -> None:
        self.actions.append(settle)
        self.settled[row.key] = settle
        self.states[row.key] = settle.state
        self.fresh.append(row.key)
        if row.of is not None:
            self._left[row.of] -= 1


def spent(row: TaskRow, seen: Seen | None) -> tuple[float | None, int | None]:
    """The dollars and tokens that a task has cost, as far as known: the agents' own count is newer than the record."""
    if seen is None:
        return row.cost_usd, row.tokens
    return (
        row.cost_usd if seen.cost_usd is None else seen.cost_usd,
        row.tokens if seen.tokens is None else seen.tokens,
    )


def must_end(row: TaskRow, seen: Seen, state: TaskState | None) -> bool:
    """Whether the agent of a settled task is to be stopped. With `keep` it stays where its turn came to an end. What is
    seen of a task that was being checked is its check: its agent is there all the same."""
    is_there = seen.now != "over" or row.state == "checking"
    return is_there and not (row.task.keep and state in ("done", "failed"))
