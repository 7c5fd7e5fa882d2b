"""Whether one who was dismissed is still out of the way: nothing has come of it since."""

from __future__ import annotations

from typing import get_args

from tmuxagents.model.condition import OVER, Condition, State
from tmuxagents.value import Value


class Dismissal(Value):
    """How an agent was when a person dismissed it: the start of its program, the turn and the state."""

    generation: int
    turn: int
    state: State

    def text(self) -> str:
        """As it is kept."""
        return f"{self.generation} {self.turn} {self.state}"


def read(text: object) -> Dismissal | None:
    """The way back; None for what makes no sense: then the agent shows."""
    match str(text).split(" "):
        case [generation, turn, state] if generation.isdecimal() and turn.isdecimal() and state in get_args(State):
            return Dismissal(int(generation), int(turn), next(one for one in get_args(State) if one == state))
        case _:
            return None


def is_finished(condition: Condition) -> bool:
    """Whether nothing is to come by itself and nobody is asked for: only such a one may leave the list."""
    if condition.open_requests or condition.dialog is not None:
        return False
    owes = condition.task_due or condition.queued or condition.closing
    return condition.state in OVER or (condition.state == "idle" and not owes)


def holds(dismissal: Dismissal | None, generation: int, condition: Condition) -> bool:
    """Whether it stays out of the way: it has begun nothing since, has not failed since, and needs nobody. That its
    program has ended after it was at rest is no news."""
    if dismissal is None or (dismissal.generation, dismissal.turn) != (generation, condition.turn):
        return False
    return is_finished(condition) and condition.state in (dismissal.state, "ended")
