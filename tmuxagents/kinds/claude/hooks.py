"""What a hook payload of Claude Code means for the state, and what it is evidence of.

Measured: Esc fires no hook (the transcript or the self-report tells); a prompt given while busy
fires UserPromptSubmit at once in 2.1.330 and at the turn's end in 2.1.197; subagents' hooks carry
`agent_id` and say nothing about the main thread. What is asked for, by whom, is `requests`' matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds import prompts
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.choices import needed
from tmuxagents.kinds.claude import identity, limits, queue, tools
from tmuxagents.kinds.claude.cost import count_cost
from tmuxagents.kinds.claude.memory import remember, to_state
from tmuxagents.kinds.claude.turns import begin_turn, confirm, end_turn, is_unsure, seem_busy, seem_idle
from tmuxagents.model.condition import Condition, Dialog, Need
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Hook
from tmuxagents.value import replace

_LIMITS = frozenset({"rate_limit", "billing_error", "server_error", "overloaded", "overloaded_error", "api_error"})
_LOGIN = frozenset({"authentication_failed", "authentication_error", "oauth_org_not_allowed"})

_REFUSED = {
    "ScopeRefused": "refused, it is outside its scope",
    "ScopeUndecided": "refused, whether it is within its scope could not be told",
}
"""What our own hook leaves of a call that it did not let through, a subagent's too."""

_BEFORE_NS = 5 * SECOND
"""How long before its hook a prompt's record may have been written."""


def observe(condition: Condition, hook: Hook) -> Folded:
    """Fold one payload in; a payload of an unknown event changes nothing."""
    payload = hook.payload
    if hook.event in _REFUSED:
        return condition, [_refused(condition, hook)]
    if payload.get("agent_id") and hook.event != "PermissionRequest":
        return condition, []
    if hook.event != "StatusLine":
        # It is drawn again whenever something changes, and says nothing about the state.
        condition = remember(condition, hook_at=hook.at_ns)
    condition = _with_place(condition, payload)
    match hook.event:
        case "SessionStart":
            return _session_start(condition, payload, hook.at_ns)
        case "SessionEnd":
            return identity.left(condition, hook.at_ns), []
        case "UserPromptSubmit":
            return _prompt(condition, payload, hook.at_ns)
        case "PreToolUse" | "PostToolUse" | "PostToolUseFailure":
            condition = confirm(condition)
            return to_state(condition, "working", hook.at_ns, f"hook {hook.event} {payload.get('tool_name', '')}"), []
        case "Notification":
            return _notification(condition, payload, hook.at_ns)
        case "Stop" | "StopFailure":
            return (_stop if hook.event == "Stop" else _stop_failure)(condition, payload, hook.at_ns)
        case "PreCompact" | "PostCompact":
            return (_compacting if hook.event == "PreCompact" else _compacted)(condition, payload, hook.at_ns)
        case "StatusLine":
            return _status_line(condition, payload, hook.at_ns)
        case _:
            return condition, []


def _refused(condition: Condition, hook: Hook) -> NewEntry:
    given = hook.payload.get("tool_input")
    arguments = given if isinstance(given, Mapping) else {}
    folder = str(condition.kind_state.get("folder") or "")
    call = tools.line(str(hook.payload.get("tool_name", "")), arguments, folder)
    return NewEntry("note", f"{_REFUSED[hook.event]}: {call}", hook.at_ns, {"scope": "refused"})


def _with_place(condition: Condition, payload: Mapping[str, Any]) -> Condition:
    """Its SessionStart may have come before our database was rebuilt."""
    another = payload.get("session_id") not in (None, condition.conversation)
    if condition.kind_state.get("transcripts") or another or not payload.get("transcript_path"):
        return condition
    path, folder = str(payload["transcript_path"]), payload.get("cwd")
    return remember(condition, transcripts=[path], folder=condition.kind_state.get("folder") or folder)


def _session_start(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    source = str(payload.get("source", "startup"))
    condition = identity.started(condition, payload, at_ns)
    condition = remember(condition, folder=payload.get("cwd"))
    # Compaction happens inside a turn and ends nothing.
    if source != "compact":
        if source in ("startup", "resume", "fork"):
            condition = queue.emptied(condition)
        elif condition.task_due:
            # `/clear` as the task, or a person's: the task was taken or will never be.
            condition = replace(condition, task_due=False)
        condition = to_state(condition, "idle", at_ns, f"hook SessionStart ({source})")
        condition = remember(condition, session_at=at_ns, limited=None)
    return condition, []


def _prompt(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    text = str(payload.get("prompt", ""))
    digest = prompts.digest(text)
    own = condition.kind_state
    if condition.state == "working" and own.get("told") == digest and own.get("began_at", 0) > at_ns - _BEFORE_NS:
        # The transcript's record of this very prompt was read first.
        how, drafts = "submitted", list[NewEntry]()
        condition = remember(condition, told=None)
    elif is_unsure(condition) and not condition.queued:
        # The self-report was quicker.
        how, drafts = "submitted", []
        condition = to_state(confirm(condition, digest), "working", at_ns, "hook UserPromptSubmit")
    elif condition.state == "working":
        how, drafts = "queued", []
        condition = queue.announced(condition, digest, at_ns)
    else:
        how = "submitted"
        condition, drafts = begin_turn(condition, at_ns, "hook UserPromptSubmit", by=digest)
    receipt = NewEntry("receipt", "", at_ns, {"digest": digest, "how": how, "by": "hook UserPromptSubmit"})
    return condition, [*drafts, receipt]


def _compacting(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    """`/compact`, or Claude itself in the middle of a turn. It can take minutes, and says nothing meanwhile."""
    trigger = "manual" if payload.get("trigger") == "manual" else "auto"
    if condition.state != "working":
        condition = seem_busy(condition, at_ns, "hook PreCompact")
    condition = remember(replace(condition, reason="compacting"), compacting=trigger)
    if trigger == "auto":
        return condition, []
    digest = prompts.digest(f"/compact {payload.get('custom_instructions') or ''}".strip())
    # The transcript tells of the command only when it is done.
    return condition, [NewEntry("receipt", "", at_ns, {"digest": digest, "how": "submitted", "by": "hook PreCompact"})]


def _compacted(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    reason = None if condition.reason == "compacting" else condition.reason
    condition = remember(replace(condition, reason=reason), compacting=None)
    if is_unsure(condition):
        condition = seem_idle(condition, at_ns, "hook PostCompact")
    if payload.get("trigger") == "manual":
        # The command that did it is in the transcript a moment later.
        condition = remember(condition, effect=True)
    words = "the conversation was compacted" + ("" if payload.get("trigger") == "manual" else ": it was full")
    return condition, [NewEntry("note", words, at_ns)]


def _notification(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    """Late (6 s, 60 s), so only where nothing earlier has told."""
    kind, said = str(payload.get("notification_type", "")), str(payload.get("message", ""))
    if kind in ("permission_prompt", "elicitation_dialog") and condition.state != "waiting":
        needs: Need = "permission" if kind == "permission_prompt" else "dialog"
        dialog = Dialog(needs=needs, what=said)
        waiting = to_state(condition, "waiting", at_ns, f"hook Notification {kind}", dialog=dialog)
        return waiting, [NewEntry("needs", said, at_ns, needed(dialog))]
    if kind == "idle_prompt" and condition.state == "working":
        return end_turn(condition, at_ns, "hook Notification idle_prompt", how="done")
    return condition, []


def _stop(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    text = payload.get("last_assistant_message")
    said = text if isinstance(text, str) else None
    tasks = payload.get("background_tasks")
    running = (
        [t for t in tasks if isinstance(t, Mapping) and t.get("status") == "running"] if isinstance(tasks, list) else []
    )
    reason = f"{len(running)} in the background" if running else None
    return end_turn(condition, at_ns, "hook Stop", how="done", text=said, reason=reason)


def _stop_failure(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    error = str(payload.get("error") or payload.get("error_type") or "unknown")
    said = str(payload.get("last_assistant_message") or payload.get("error_details") or error)
    evidence = f"hook StopFailure {error}"
    condition, drafts = end_turn(condition, at_ns, evidence, how="failed", reason=said[:200])
    drafts.append(NewEntry("error", f"{error}: {said}", at_ns))
    if error in _LOGIN:
        dialog = Dialog(needs="login", what=said[:200])
        drafts.append(NewEntry("needs", said[:200], at_ns, {"needs": "login"}))
        return to_state(condition, "waiting", at_ns, evidence, dialog=dialog, reason=said[:200]), drafts
    if error in _LIMITS or _is_api_error(said):
        return limits.met(to_state(condition, "limited", at_ns, evidence, reason=said[:200]), said, at_ns), drafts
    return condition, drafts


def _is_api_error(said: str) -> bool:
    """2.1.330 reports an overloaded API (529) as `unknown`; its text tells."""
    import re

    return re.search(r"\b(?:429|5\d\d)\b|overloaded|rate limit|usage limit", said, re.IGNORECASE) is not None


def _status_line(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Folded:
    condition = _with_context(condition, payload)
    cost = payload.get("cost")
    total = cost.get("total_cost_usd") if isinstance(cost, Mapping) else None
    if not isinstance(total, int | float) or not 0 <= total < 1_000_000_000:
        return condition, []
    return count_cost(condition, float(total), at_ns, conversation=payload.get("session_id")), []


def _with_context(condition: Condition, payload: Mapping[str, Any]) -> Condition:
    """What of its context is left, and by which model it works; subagents may have another."""
    window, model = payload.get("context_window"), payload.get("model")
    left = window.get("remaining_percentage") if isinstance(window, Mapping) else None
    if isinstance(left, int | float) and 0 <= left <= 100:
        condition = replace(condition, context_left=round(left))
    name = model.get("id") if isinstance(model, Mapping) else None
    return replace(condition, model=name[:80]) if isinstance(name, str) and name else condition
