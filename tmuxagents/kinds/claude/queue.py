"""The prompts that Claude has taken while it was busy, as its own records tell of them.

Measured on 2.1.197 and 2.1.330: the transcript's `queue-operation` is `enqueue` (with the text; without
it on 2.1.330 during a compaction), `dequeue` (the first, without a text: it becomes a prompt, a command
or a notification), `remove` (2.1.330 with the text and `absorbed_mid_turn`, 2.1.197 bare: the running
turn takes it in, an `attachment` of the type `queued_command` follows) and `popAll` (each with its text:
a person's Up has put them back into the box). 2.1.330 fires UserPromptSubmit as it queues, some tenths
of a second before the record; 2.1.197 when the text leaves the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds import prompts
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.value import replace

PATIENCE = 5 * SECOND
"""How long an idle agent may still have something in its queue: Claude takes the next one within
0.2 s. What stands there longer has been lost, and nobody waits for it."""

_IDLE = ("idle", "limited")


def announced(condition: Condition, digest: str, at_ns: int) -> Condition:
    """The hook says that a text was queued; its record may have come before."""
    return _join(condition, digest, at_ns, by="hook", other="record")


def operation(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Folded:
    """Fold a `queue-operation` in."""
    content = line.get("content")
    said = isinstance(content, str) and prompts.is_said(content)
    digest = prompts.digest(content) if isinstance(content, str) and said else ""
    match line.get("operation"):
        case "enqueue":
            condition = _join(condition, digest, at_ns, by="record", other="hook")
            return condition, [_receipt(digest, "queued", at_ns, "transcript queue-operation")] if digest else []
        case "dequeue" | "remove":
            return _leaves(condition, digest), []
        case "popAll":
            condition = _without(condition, digest)
            withdrawn = _receipt(digest, "withdrawn", at_ns, "transcript queue-operation popAll")
            return condition, [withdrawn] if digest else []
        case _:
            return condition, []


def taken(condition: Condition, digest: str) -> Condition:
    """A prompt or a command was told: it is owed no longer."""
    leaving = list(condition.kind_state.get("leaving", []))
    for index, each in enumerate(leaving):
        if each in (digest, ""):
            del leaving[index]
            return _with(condition, _waiting(condition), leaving)
    # 2.1.197's hook calls a text queued that has just left the queue: no record of its own follows.
    waiting = _waiting(condition)
    mine = next((each for each in waiting if each["d"] == digest and not each.get("record")), None)
    return _with(condition, [each for each in waiting if each is not mine], leaving) if mine else condition


def settle(condition: Condition, now_ns: int) -> Folded:
    """Give up what an idle agent has not taken for too long."""
    due = due_ns(condition)
    if due is None or now_ns < due:
        return condition, []
    lost = [each["d"] for each in _waiting(condition)] + list(condition.kind_state.get("leaving", []))
    drafts = [_receipt(d, "withdrawn", now_ns, "it is idle and has not taken it") for d in lost if d]
    return emptied(condition), drafts


def due_ns(condition: Condition) -> int | None:
    """When `settle` gives up; None while it need not."""
    if not condition.queued or condition.state not in _IDLE:
        return None
    return max([condition.since_ns, *(int(each["at"]) for each in _waiting(condition))]) + PATIENCE


def emptied(condition: Condition) -> Condition:
    """The queue of a program that has started or ended is empty."""
    return _with(condition, [], [])


def _join(condition: Condition, digest: str, at_ns: int, *, by: str, other: str) -> Condition:
    waiting = [dict(each) for each in _waiting(condition)]
    for each in waiting:
        if each["d"] == digest and each.get(other) and not each.get(by):
            each[by] = True
            return _with(condition, waiting, condition.kind_state.get("leaving", []))
    waiting.append({"d": digest, "at": at_ns, by: True})
    return _with(condition, waiting, condition.kind_state.get("leaving", []))


def _leaves(condition: Condition, digest: str) -> Condition:
    """The first one, or the one named; it counts until it was told as a prompt."""
    waiting = _waiting(condition)
    found = [each for each in waiting if each.get("record") and (not digest or each["d"] == digest)] or waiting[:1]
    if not found:
        return condition
    rest = [each for each in waiting if each is not found[0]]
    return _with(condition, rest, [*condition.kind_state.get("leaving", []), found[0]["d"]])


def _without(condition: Condition, digest: str) -> Condition:
    waiting = _waiting(condition)
    found = next((each for each in waiting if each["d"] == digest), None)
    return _with(condition, [each for each in waiting if each is not found], condition.kind_state.get("leaving", []))


def _waiting(condition: Condition) -> list[dict[str, Any]]:
    return list(condition.kind_state.get("queue", []))


def _with(condition: Condition, waiting: list[dict[str, Any]], leaving: list[str]) -> Condition:
    kept = remember(condition, queue=waiting or None, leaving=list(leaving) or None)
    return replace(kept, queued=len(waiting) + len(leaving))


def _receipt(digest: str, how: str, at_ns: int, by: str) -> NewEntry:
    return NewEntry("receipt", "", at_ns, {"digest": digest, "how": how, "by": by})
