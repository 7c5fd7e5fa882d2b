"""Whether an agent has still something to do, and how what was waited for has ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from tmuxagents import clock
from tmuxagents.model.condition import OVER, READY, Condition
from tmuxagents.model.entry import Entry
from tmuxagents.settings.shown import duration
from tmuxagents.value import Value

How = Literal["there", "dialog", "timed out", "failed"]

EXIT_CODES = {"there": 0, "dialog": 3, "timed out": 4, "failed": 5}

_FAILED = frozenset({"failed", "refused", "untaken"})
"""How a turn has ended when what was asked for was not done, although the agent is idle."""


class Outcome(Value):
    """How a wait for one agent has ended; `said` is the answer, or what went wrong, behind its name. `interrupted`: the
    turn that was to answer was stopped."""

    how: How
    said: str = ""
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """By the contract of the exit codes."""
        return EXIT_CODES[self.how]


class Said(Value):
    """A text that an agent has been given, by its digest; a command of the program's own is no prompt."""

    digest: str
    is_command: bool = False


THERE = Outcome("there")


def is_free(condition: Condition) -> bool:
    """Whether a prompt that is given now starts a turn at once, behind everything given before."""
    return condition.state in READY and not condition.task_due and not condition.queued


def owes(condition: Condition, messages: int) -> bool:
    """Whether something is still to come by itself, although the state may be idle: its task, a text in the
    program's own queue, one of the `messages` that are held for it or being delivered, the last text of
    a turn that has ended."""
    return condition.task_due or condition.closing or condition.queued > 0 or messages > 0


def state_reached(
    condition: Condition, states: Collection[str], *, messages: int, limit: float | None = None
) -> Outcome | None:
    """How a wait for one of the states has ended; None while it goes on.

    `idle` is reached when nothing is owed, and has failed when the last turn has. What is over, limited or
    waits for a login never gets there by itself, unless it is told to go on when its limit is over; `limit` is its
    own time limit, where that ended it.
    """
    if condition.state in states and condition.state != "idle":
        return THERE
    if condition.state in OVER:
        return None if _begins_again(condition, messages) else _over(condition, limit)
    if condition.state == "idle" and "idle" in states and not owes(condition, messages):
        return _failed(condition) if condition.ended in _FAILED else THERE
    return _stuck(condition, messages)


def task_done(
    condition: Condition, *, messages: int, limit: float | None = None, is_program: bool = False
) -> Outcome | None:
    """How the first turn has ended; None while it runs or is still to come.

    `is_program`: it takes no prompts; it is done when it has ended with 0.
    """
    if condition.state in OVER:
        if _begins_again(condition, messages):
            return None
        done = condition.exit_code == 0 if is_program else condition.ended == "done"
        return THERE if done and condition.state == "ended" else _over(condition, limit)
    if condition.state == "idle" and not owes(condition, messages):
        if condition.ended == "interrupted":
            return Outcome("failed", "was interrupted before its first turn had ended", interrupted=True)
        return _failed(condition) if condition.ended in _FAILED else THERE
    return _stuck(condition, messages)


def answered(
    condition: Condition, entries: Sequence[Entry], text: Said, *, messages: int, limit: float | None = None
) -> Outcome | None:
    """What came of a text; None while its turn runs or is still to come.

    `entries` are the agent's prompts, texts, turns, receipts and errors since before it was sent.
    """
    prompt = next((e for e in entries if e.kind == "prompt" and e.detail.get("digest") == text.digest), None)
    end = next((e for e in entries if prompt is not None and e.kind == "turn" and _ends(e, prompt)), None)
    if prompt is not None and end is not None:
        return _by_turn(entries, prompt, end)
    done = condition.state == "idle" and not owes(condition, messages)
    if prompt is not None and prompt.detail.get("local") and done:
        # `/compact`, `/clear`, `! command`: nothing is said.
        return THERE
    if prompt is None and text.is_command and done:
        # Its record comes later, or calls it otherwise: `/cost` is `/usage` there.
        return _not_taken(entries, text.digest) or THERE
    if prompt is None and (lost := _not_taken(entries, text.digest)) is not None:
        return lost
    if condition.state in OVER:
        return _over(condition, limit)
    return None if condition.state == "limited" and prompt is None else _stuck(condition, messages)


def _ends(turn: Entry, prompt: Entry) -> bool:
    """The entry of the turn before may come behind the prompt: it waits for its last text."""
    took = prompt.detail.get("turn")
    if took is not None:
        return bool(turn.detail.get("turn") == took)
    # A command may be a prompt (one of the user's own); its turn ends after it was given.
    return turn.seq > prompt.seq and turn.at_ns >= prompt.at_ns


def _by_turn(entries: Sequence[Entry], prompt: Entry, end: Entry) -> Outcome:
    match end.detail.get("how"):
        case "failed":
            errors = [e.text for e in entries if e.kind == "error" and prompt.at_ns <= e.at_ns <= end.at_ns]
            return Outcome("failed", f"failed in the turn: {errors[-1] if errors else 'an error of the API'}")
        case "interrupted":
            return Outcome("failed", "was interrupted before it had answered", interrupted=True)
        case _:
            return Outcome("there", _last_text(entries, prompt, end))


def _last_text(entries: Sequence[Entry], prompt: Entry, end: Entry) -> str:
    texts = [e for e in entries if e.kind == "text" and not e.detail.get("subagent")]
    between = [e.text for e in texts if prompt.seq < e.seq < end.seq]
    return between[-1] if between else ""


def _not_taken(entries: Sequence[Entry], digest: str) -> Outcome | None:
    """What says that the text will never be a prompt."""
    mine = [e for e in entries if e.kind in ("receipt", "error") and e.detail.get("digest") == digest]
    last = mine[-1] if mine else None
    if last is not None and last.kind == "error":
        return Outcome("failed", f"has not taken it: {last.text}")
    match last.detail.get("how") if last is not None else None:
        case "refused":
            return Outcome("failed", "has not taken it: it knows no such command")
        case "withdrawn":
            return Outcome("failed", f"has not taken it: {last.detail.get('by') if last else ''}")
        case _:
            return None


def _begins_again(condition: Condition, messages: int) -> bool:
    """Whether it is started again when the limit is over that has ended it: what it is told then is held for it."""
    return condition.is_limited and messages > 0


def _over(condition: Condition, limit: float | None) -> Outcome:
    if limit is not None:
        return Outcome("timed out", f"was stopped: its own time limit of {duration(limit)} has passed")
    if condition.is_limited and condition.resets_ns is not None:
        until = clock.local_hms(condition.resets_ns)
        return Outcome("failed", f"was ended by a usage limit, until {until}: {condition.reason or condition.evidence}")
    return Outcome("failed", f"is {condition.state}: {condition.reason or condition.evidence}")


def _stuck(condition: Condition, messages: int) -> Outcome | None:
    """What does not go on by itself: a held message is still tried where a limit was met."""
    if condition.state == "limited" and not owes(condition, messages):
        return Outcome("failed", f"is limited: {condition.reason or condition.evidence}")
    if condition.needs == "login" and condition.ended == "failed":
        return Outcome("failed", f"needs login: {condition.reason or condition.evidence}")
    return None


def _failed(condition: Condition) -> Outcome:
    return Outcome("failed", f"is idle, and its last turn failed: {condition.reason or condition.ended}")
