"""Where a turn begins and ends.

The state changes at once; the journal's `turn` entry waits until the transcript has shown the
last text (Claude writes it 0.1 to 0.7 s after the Stop hook, under load later), at most
`TEXT_PATIENCE`, and the status line has told the cost (0.3 s after), at most `PATIENCE`. So does
the entry that says what is needed, until the call it is about has been told, at most
`TOOL_PATIENCE`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds import prompts
from tmuxagents.kinds.claude.memory import remember, to_state
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import Draft

PATIENCE = 3 * SECOND // 2
TEXT_PATIENCE = 6 * SECOND
TOOL_PATIENCE = 3 * SECOND // 10

Folded = tuple[Condition, list[Draft]]


def begin_turn(condition: Condition, at_ns: int, evidence: str) -> Folded:
    """A turn has begun. The entry of the one before still waits for its last text."""
    started = replace(condition, turn=max(condition.turn, condition.turns) + 1)
    return to_state(started, "working", at_ns, evidence), []


def end_turn(
    condition: Condition, at_ns: int, evidence: str, *, how: str, text: str | None = None, reason: str | None = None
) -> Folded:
    """The turn has ended: idle now, the journal's entry when cost and text are known."""
    condition, drafts = settle(condition, at_ns, now=True)
    # A prompt taken from the queue (2.1.330) and `! command` begin a turn without a hook.
    turn = max(condition.turn, condition.turns + 1)
    ended = replace(condition, turn=turn, turns=turn, last_text=text if text is not None else condition.last_text)
    ending = {"at": at_ns, "text": prompts.digest(text) if text else None, "how": how, "turn": turn}
    ended = remember(ended, ending=ending)
    return to_state(ended, "idle", at_ns, evidence, reason=reason), drafts


def settle(condition: Condition, now_ns: int, *, now: bool = False) -> Folded:
    """Write the pending `turn` entry if it is complete, too old, or `now`."""
    ending = condition.own.get("ending")
    if not ending:
        return condition, []
    cost_seen = int(condition.own.get("cost_at", 0)) > int(ending["at"])
    turn = int(ending.get("turn", condition.turns))
    # Once the next turn has begun, its cost cannot be told from this one's.
    complete = _text_seen(condition) and (cost_seen or condition.turn > turn or bool(condition.own.get("unhooked")))
    if not (now or complete or now_ns >= _deadline(condition)):
        return condition, []
    total = condition.usage.microusd
    turn_cost = None
    # A turn whose cost was never told has none; the next one's then holds both.
    if total is not None and cost_seen:
        turn_cost = total - int(condition.own.get("cost_told", 0))
        condition = remember(condition, cost_told=total)
    detail = {"how": ending["how"], "turn": turn}
    detail["cost_usd"] = None if turn_cost is None else turn_cost / 1_000_000
    return remember(condition, ending=None), [Draft("turn", "", int(ending["at"]), detail)]


def _text_seen(condition: Condition) -> bool:
    ending = condition.own["ending"]
    return ending["text"] is None or condition.own.get("text_seen") == ending["text"]


def _deadline(condition: Condition) -> int:
    """The cost may never be told; the text comes late only where the machine is very busy."""
    return int(condition.own["ending"]["at"]) + (PATIENCE if _text_seen(condition) else TEXT_PATIENCE)


def tell_needs(condition: Condition, now_ns: int, *, now: bool = False) -> Folded:
    """Write the pending `needs` entry when its time has come, or when it is no longer waited for."""
    needing = condition.own.get("needing")
    if needing is None or not (now or condition.state != "waiting" or now_ns >= needing["at"] + TOOL_PATIENCE):
        return condition, []
    detail: dict[str, Any] = {"needs": needing["needs"]}
    if condition.dialog is not None and condition.dialog.open > 1:
        detail["open"] = condition.dialog.open
    entry = Draft("needs", needing["what"], int(needing["at"]), detail)
    return remember(condition, needing=None), [entry]


def due_ns(condition: Condition) -> int | None:
    """When a pending entry is written at the latest."""
    ending, needing = condition.own.get("ending"), condition.own.get("needing")
    moments = [_deadline(condition)] if ending else []
    moments += [int(needing["at"]) + TOOL_PATIENCE] if needing else []
    return min(moments, default=None)
