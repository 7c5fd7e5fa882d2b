"""Where a turn begins and ends.

The state changes at once; `turns` and the journal's `turn` entry wait until the transcript has shown
the last text (Claude writes it 0.1 to 0.7 s after the Stop hook, under load later), at most
`TEXT_PATIENCE`: then the text that the hook gave is told, once. And until the status line has told
the cost (0.3 s after), at most `PATIENCE`. So does the entry that says what is needed, until the
call it is about has been told, at least `TOOL_PATIENCE` (the screen may show another one first) and at
most `order.PATIENCE`.

What only the self-report calls busy may be no turn: `/compact`, `/clear` and an unknown command are
`busy` for a moment, then `idle`, with no prompt in between. Such a turn is counted when a hook or a
prompt in the transcript has shown that there is one.
"""

from __future__ import annotations

from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds import prompts
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.choices import needed
from tmuxagents.kinds.claude import order
from tmuxagents.kinds.claude.memory import remember, to_state
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.value import replace

PATIENCE = 3 * SECOND // 2
TEXT_PATIENCE = 6 * SECOND
TOOL_PATIENCE = 3 * SECOND // 10
_CALLS = 40


def begin_turn(condition: Condition, at_ns: int, evidence: str, *, by: str | None = None) -> Folded:
    """A turn has begun. `by`: with a prompt of that digest, whose record is still to be read. The entry of the
    turn before may still wait for its last text."""
    started = replace(condition, turn=max(condition.turn, condition.turns) + 1, task_due=False)
    started = remember(started, unsure=None, began_at=at_ns, began_by=by, told=None, finished=None)
    started = remember(started, limit=None, goes_on=None, limited=None)
    return to_state(started, "working", at_ns, evidence), []


def seem_busy(condition: Condition, at_ns: int, evidence: str, *, reason: str | None = None) -> Condition:
    """Working, and whether it is on a turn is still to be seen."""
    if condition.kind_state.get("unsure") is None:
        condition = remember(condition, unsure=free_since(condition), began_at=at_ns, began_by=None, finished=None)
    return to_state(condition, "working", at_ns, evidence, reason=reason)


def free_since(condition: Condition) -> int:
    """Since when it runs no turn. A turn may have come and gone unseen since the state was told."""
    return max(condition.since_ns, int(condition.kind_state.get("ended_at") or 0))


def is_unsure(condition: Condition) -> bool:
    """Whether it works, and no turn is known."""
    return condition.state == "working" and condition.kind_state.get("unsure") is not None


def confirm(condition: Condition, by: str | None = None) -> Condition:
    """What seemed busy is on a turn."""
    if not is_unsure(condition):
        return condition
    turn = max(condition.turn, condition.turns) + 1
    return remember(replace(condition, turn=turn, task_due=False), unsure=None, began_by=by)


def seem_idle(condition: Condition, at_ns: int, evidence: str) -> Condition:
    """What seemed busy was no turn, as far as is known: its prompt may be read later."""
    seemed = [int(condition.kind_state.get("unsure") or at_ns), at_ns]
    return to_state(remember(condition, unsure=None, compacting=None, seemed=seemed), "idle", at_ns, evidence)


def was_turn(condition: Condition, written_ns: int) -> Folded | None:
    """What seemed busy, and is idle again, was on a turn: its prompt was written meanwhile. None when it was not."""
    seemed = condition.kind_state.get("seemed")
    if seemed is None or condition.state not in ("idle", "starting") or not seemed[0] <= written_ns <= seemed[1]:
        return None
    until = seemed[1]
    evidence = condition.evidence
    condition, drafts = begin_turn(remember(condition, seemed=None), written_ns, evidence)
    condition, ended = stop_turn(condition, until, evidence)
    return condition, [*drafts, *ended]


def in_turn(condition: Condition) -> bool:
    """Whether a turn has begun and not ended."""
    ending = condition.kind_state.get("ending")
    ended = int(ending.get("turn", condition.turns)) if ending else condition.turns
    return condition.turn > ended


def end_turn(
    condition: Condition, at_ns: int, evidence: str, *, how: str, text: str | None = None, reason: str | None = None
) -> Folded:
    """The turn has ended: idle now, the journal's entry when cost and text are known."""
    condition, drafts = settle(condition, at_ns, now=True)
    # A prompt taken from the queue (2.1.330) and `! command` begin a turn without a hook.
    turn = max(condition.turn, condition.turns + 1)
    ended = replace(
        condition,
        turn=turn,
        last_text=text if text is not None else condition.last_text,
        task_due=False,
        closing=True,
        ended=how,
    )
    ending = {"at": at_ns, "text": prompts.digest(text) if text else None, "how": how, "turn": turn}
    ended = remember(ended, ending=ending, ended_at=at_ns, unsure=None, compacting=None)
    return to_state(ended, "idle", at_ns, evidence, reason=reason), drafts


def stop_turn(condition: Condition, at_ns: int, evidence: str) -> Folded:
    """It says that it is idle, and no Stop hook came: interrupted, unless there is a sign that the turn
    was finished (its hooks cannot run when its folder is gone). The sign may come a moment later."""
    if int(condition.kind_state.get("finished") or 0) == max(condition.turn, 1):
        return end_turn(condition, at_ns, evidence, how="done")
    return end_turn(condition, at_ns, evidence, how="interrupted", reason="interrupted")


def finish(condition: Condition, at_ns: int) -> Condition:
    """The transcript shows that the turn which ran at that moment was finished, not interrupted."""
    if at_ns < int(condition.kind_state.get("began_at") or 0):
        return condition
    ending = condition.kind_state.get("ending")
    if ending and ending["how"] == "interrupted":
        condition = remember(replace(condition, ended="done"), ending={**ending, "how": "done"})
        return replace(condition, reason=None) if condition.reason == "interrupted" else condition
    return remember(condition, finished=max(condition.turn, 1)) if condition.state == "working" else condition


def settle(condition: Condition, now_ns: int, *, now: bool = False) -> Folded:
    """Write the pending `turn` entry if it is complete, too old, or `now`."""
    ending = condition.kind_state.get("ending")
    if not ending:
        return condition, []
    cost_seen = int(condition.kind_state.get("cost_at", 0)) > int(ending["at"])
    turn = int(ending.get("turn", condition.turns))
    # Once the next turn has begun, its cost cannot be told from this one's.
    complete = (
        _text_seen(condition)
        and (cost_seen or condition.turn > turn or bool(condition.kind_state.get("unhooked")))
        and not order.is_holding(condition, int(ending["at"]))
    )
    if not (now or complete or now_ns >= _deadline(condition)):
        return condition, []
    condition, waited = order.release(condition)
    condition, early = _told_by_the_hook(condition)
    drafts = [*waited, *early]
    total = condition.usage.microusd
    turn_cost = None
    # A turn whose cost was never told has none; the next one's then holds both, and says so.
    together = int(condition.kind_state.get("cost_owed") or 0) + 1
    if total is not None and cost_seen:
        turn_cost = total - int(condition.kind_state.get("cost_told", 0))
        condition = remember(condition, cost_told=total)
    condition = remember(condition, cost_owed=together if turn_cost is None else None)
    detail = {"how": ending["how"], "turn": turn}
    detail["cost_usd"] = None if turn_cost is None else turn_cost / 1_000_000
    if turn_cost is not None and together > 1:
        detail["cost_turns"] = together
    condition = replace(condition, turns=max(condition.turns, turn), closing=False)
    return remember(condition, ending=None), [*drafts, NewEntry("turn", "", int(ending["at"]), detail)]


def _told_by_the_hook(condition: Condition) -> Folded:
    """The last text as the hook gave it, where the transcript has not shown it in time; it is not told
    again when it comes."""
    ending = condition.kind_state["ending"]
    if _text_seen(condition) or prompts.digest(condition.last_text or "") != ending["text"]:
        return condition, []
    early = [*condition.kind_state.get("early", []), ending["text"]][-8:]
    text = NewEntry("text", str(condition.last_text), int(ending["at"]), {"by": "hook Stop"})
    return remember(condition, early=early, text_seen=ending["text"]), [text]


def told_early(condition: Condition, digest: str) -> Condition | None:
    """The condition without that text's mark, when the hook's copy of it was told; None when it was not."""
    early = list(condition.kind_state.get("early", []))
    if digest not in early:
        return None
    early.remove(digest)
    return remember(condition, early=early or None)


def _text_seen(condition: Condition) -> bool:
    ending = condition.kind_state["ending"]
    return ending["text"] is None or condition.kind_state.get("text_seen") == ending["text"]


def _deadline(condition: Condition) -> int:
    """The cost may never be told; the text comes late only where the machine is very busy."""
    return int(condition.kind_state["ending"]["at"]) + (PATIENCE if _text_seen(condition) else TEXT_PATIENCE)


def tell_needs(condition: Condition, now_ns: int, *, now: bool = False) -> Folded:
    """Write the pending `needs` entry when its time has come, or when it is no longer waited for."""
    needing = condition.kind_state.get("needing")
    if needing is None:
        return condition, []
    over = condition.state != "waiting" and _call_told(condition)
    if not (now or over or now_ns >= _needs_due(condition)):
        return condition, []
    detail: dict[str, Any] = {"needs": needing["needs"]}
    if condition.dialog is not None:
        detail |= needed(condition.dialog) if condition.dialog.request == needing.get("request") else {}
        detail |= {"open": condition.dialog.open} if condition.dialog.open > 1 else {}
    entry = NewEntry("needs", needing["what"], int(needing["at"]), detail)
    asked, before = needing.get("request"), condition.kind_state.get("needs_told", [])
    if asked is not None and asked in before:
        # It was told before the screen showed another of the queue first.
        return remember(condition, needing=None), []
    told = [*before, asked][-20:] if asked is not None else before
    return remember(condition, needing=None, needs_told=told or None), [entry]


def untold(condition: Condition) -> str | None:
    """The request whose `needs` entry is pending."""
    needing = condition.kind_state.get("needing")
    return str(needing.get("request")) if needing is not None else None


def call_told(condition: Condition, call: object) -> Condition:
    """The transcript has shown that call."""
    return remember(condition, called=[*condition.kind_state.get("called", []), call][-_CALLS:]) if call else condition


def _call_told(condition: Condition) -> bool:
    """Whether the call that needs something was told, or cannot be known."""
    asked = condition.kind_state["needing"].get("request")
    call = next((r.call for r in condition.requests if r.id == asked), None)
    return call is None or call in condition.kind_state.get("called", [])


def _needs_due(condition: Condition) -> int:
    patience = TOOL_PATIENCE if _call_told(condition) else order.PATIENCE
    return int(condition.kind_state["needing"]["at"]) + patience


def due_ns(condition: Condition) -> int | None:
    """When a pending entry is written at the latest."""
    ending, needing = condition.kind_state.get("ending"), condition.kind_state.get("needing")
    moments = [_deadline(condition)] if ending else []
    moments += [_needs_due(condition)] if needing else []
    return min(moments, default=None)
