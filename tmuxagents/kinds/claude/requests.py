"""What Claude Code asks leave for: which requests are open, which one its dialog shows, how each ended.

A PermissionRequest hook names the tool and its arguments, not the call's id; the PreToolUse hook of
the same call, always earlier, does. Measured on 2.1.197 and 2.1.330:

- Several may be open (reads outside the folder, fetches, subagents): the hooks come at once, the
  dialogs one after another, in an order of the program's own. 2.1.330 shows no dialog for a subagent
  in the background while its hook waits.
- The hook waits on a pipe (`drivers.wrapper.ASK`) while the dialog stands; what is written there is
  taken as if the dialog had been answered. An answer at the keyboard, whichever comes first, stands.
- The transcript tells what was taken: `hook_permission_decision` with the call's id. It and the result
  are written when the tool has ended, however long that takes. 2.1.197 writes no decision for a subagent:
  there the result of what was denied for a reason is that reason, unchanged, as an error.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.choices import Question, dialog_of
from tmuxagents.kinds.claude import deciding, tools
from tmuxagents.kinds.claude.memory import remember, to_state
from tmuxagents.kinds.claude.turns import in_turn
from tmuxagents.model.condition import OVER, Condition, Decided, Dialog, Ended, Need, Request, Settler, State
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Denied, Exit, Hook, Observation, Record, Screen, Told
from tmuxagents.value import replace

_BY_TOOL: Mapping[str, Need] = {"AskUserQuestion": "question", "ExitPlanMode": "plan"}
_ENDED_BY: Mapping[str, Ended] = {"PostToolUse": "ran", "PostToolUseFailure": "failed"}
_REFUSED = (
    "The user doesn't want to proceed",
    "The user doesn't want to take this action",
    # A subagent's, where Escape or a No closed its dialog: it is told to try something else (both versions).
    "Permission for this tool use was denied.",
)
_CALLS, _KEPT = 60, 20
_REDRAWN = 10 * SECOND
"""On a busy machine (sixteen at work on two cores) what was answered stood there for more than three seconds after its
hook. A new request of the same looks has a hook of its own."""
_BEGAN = "its answer was taken, and its tool runs"


def observe(condition: Condition, seen: Observation) -> Folded:
    """Take in what an observation says about requests, before anything else is made of it."""
    match seen:
        case Hook():
            return _hook(condition, seen), []
        case Record():
            return _record(condition, seen)
        case Told():
            # One that has ended meanwhile needs no word of ours.
            mine = [r for r in _unended(condition) if r.id == seen.request]
            told = [replace(r, told=seen.how, by=_BEGAN) if r in mine else r for r in condition.requests]
            # A look or a report from before is older than its answer.
            heard_ns = max(int(condition.kind_state.get("hook_at", 0)), seen.at_ns)
            return remember(replace(condition, requests=tuple(told)), hook_at=heard_ns), []
        case Denied():
            given = [replace(r, reason=seen.reason) if r.id == seen.request else r for r in condition.requests]
            return replace(condition, requests=tuple(given)), []
        case Screen() if seen.reading.dialog is not None:
            request = shown_by(seen.reading.dialog, condition.open_requests)
            return (_saw(condition, request, seen.reading.dialog) if request is not None else condition), []
        case Screen() if seen.reading.draft is not None:
            # The box is back: what was shown has been answered at the keyboard.
            return _end(condition, lambda r: r.shown, "left", "screen: its dialog is gone"), []
        case Exit():
            return _end(condition, lambda r: True, "left", "its program has ended"), []
        case _:
            return condition, []


def present(before: Condition, condition: Condition, seen: Observation) -> Folded:
    """The condition with what is asked for now as its dialog: the one on the screen, else the first."""
    if condition.state in OVER or isinstance(seen, Exit):
        return condition, []
    if _turned(before, condition):
        condition = _end(condition, lambda r: r.thread is None, "left", condition.evidence)
    waiting = condition.open_requests
    if not waiting:
        return _nothing(before, condition, seen)
    head = _head(condition, waiting)
    dialog = dialog_of(head, questions(head), len(waiting))
    was = before.dialog
    if before.state == "waiting" and was is not None and was.request == head.id:
        # The same one, whatever else the program did meanwhile (a subagent's tool, another request).
        return replace(
            condition, state="waiting", since_ns=before.since_ns, evidence=before.evidence, dialog=dialog
        ), []
    evidence = f"hook PermissionRequest {_tool(head)}"
    if _was_on_screen(before, head):
        told = [*condition.kind_state.get("needs_told", []), head.id][-20:]
        known = replace(condition, state="waiting", since_ns=before.since_ns, evidence=evidence, dialog=dialog)
        return remember(known, needs_told=told), []
    condition, drafts = _tell_ended(condition)
    asked = to_state(condition, "waiting", seen.at_ns, evidence, dialog=dialog)
    needing = {"at": seen.at_ns, "what": head.what, "needs": head.needs, "request": head.id}
    return remember(asked, needing=needing), drafts


def _was_on_screen(before: Condition, asked: Request) -> bool:
    """Whether its dialog was seen, and told, before its hook came through: on a busy machine that takes seconds."""
    was = before.dialog
    by_screen = before.state == "waiting" and was is not None and before.evidence.startswith("screen:")
    return by_screen and was is not None and was.request is None and shown_by(was, [asked]) is not None


def shown_by(dialog: Dialog, waiting: Sequence[Request]) -> Request | None:
    """The request whose words the dialog on the screen shows; of several alike the first, None for none."""
    # The page on which answers are looked at again has the questions in what it is about alone.
    about = dialog.about if dialog.form == "review" else ""
    text = _squashed("\n".join([dialog.text, dialog.what, *dialog.anchors, about]))
    best: tuple[int, Request] | None = None
    for request in waiting:
        lengths = [len(words) for hint in request.hints if (words := _squashed(hint)) and words in text]
        if dialog.tabs and [name for name, _ in dialog.tabs] == _headers(request):
            lengths.append(len(text))
        if lengths and (best is None or max(lengths) > best[0]):
            best = (max(lengths), request)
    return best[1] if best is not None else None


def was_settled(condition: Condition, dialog: Dialog, at_ns: int) -> bool:
    """Whether the screen still shows a request that has just ended: it is drawn anew some moments later, and a look
    from before may be taken in behind its end."""
    over = [r for r in condition.requests if r.ended_ns and abs(at_ns - r.ended_ns) < _REDRAWN]
    return shown_by(dialog, condition.open_requests) is None and shown_by(dialog, over) is not None


def questions(request: Request) -> list[Question]:
    """The questions that it asks; none where it is no question."""
    return [_question(q) for q in _asked(request)]


def _headers(request: Request) -> list[str]:
    """What stands on the tabs of its dialog."""
    return [str(q.get("header", "")) for q in _asked(request)]


def _asked(request: Request) -> list[Mapping[str, Any]]:
    given = json.loads(request.given) if request.given else {}
    asked = given.get("questions") if isinstance(given, dict) else None
    return [q for q in asked if isinstance(q, Mapping)] if isinstance(asked, list) else []


def _question(raw: Mapping[str, Any]) -> Question:
    options = raw.get("options")
    given = [o for o in options if isinstance(o, Mapping)] if isinstance(options, list) else []
    labels, described = (tuple(str(o.get(key, "")) for o in given) for key in ("label", "description"))
    return Question(str(raw.get("question", "")), labels, raw.get("multiSelect") is True, described)


def _hook(condition: Condition, hook: Hook) -> Condition:
    payload, thread = hook.payload, str(hook.payload.get("agent_id") or "") or None
    call = str(payload.get("tool_use_id") or "")
    match hook.event:
        case "PreToolUse" if call:
            calls = [*condition.kind_state.get("calls", []), [call, thread, _print(payload)]][-_CALLS:]
            return remember(condition, calls=calls)
        case "PermissionRequest":
            return _ask(condition, hook, thread)
        case "PostToolUse" | "PostToolUseFailure":
            ended, by, alike = _ENDED_BY[hook.event], f"hook {hook.event}", _print(payload)
            # One that was left (answered at the keyboard, it seemed) has its true end now; a record may be ahead.
            condition = _bound(condition, call, allowed=True)
            known = [r for r in condition.requests if r.ended == "left" or (r.ended == "failed" and not r.ran)]
            asked = [*_unended(condition), *known]
            mine = next((r for r in asked if _is_of(r, call, alike, thread)), None)
            condition = _forget(condition, call)
            if mine is None:
                return condition
            settler = mine.settler or _answered(payload)
            recorded = mine.ended == "failed"
            done = replace(
                mine, ended=mine.ended if recorded else ended, by=mine.by if recorded else by, settler=settler, ran=True
            )
            return replace(condition, requests=tuple(done if r is mine else r for r in condition.requests))
        case "Stop" | "StopFailure" | "SessionStart" | "SessionEnd" if thread is None:
            if hook.event == "SessionStart" and payload.get("source") == "compact":
                return condition
            everybody = hook.event != "Stop" and hook.event != "StopFailure"
            return _end(condition, lambda r: everybody or r.thread is None, "left", f"hook {hook.event}")
        case "SubagentStop" if thread is not None:
            return _end(condition, lambda r: r.thread == thread, "left", "hook SubagentStop")
        case _:
            return condition


def _bound(condition: Condition, call: object, *, allowed: bool | None = None) -> Condition:
    """With that call's id at the request that it is of, as far as can be told.

    Calls that are made at once with the same arguments have hooks that come in any order (three equal reads: both
    versions), so which of those requests is whose is known only when one is answered: what is told then is told of the
    one that somebody has just answered on its pipe.
    """
    mine = next((r for r in condition.requests if call and r.call == call), None)
    if mine is None or mine.ended or _is_answered(mine, allowed):
        return condition
    same = [r for r in condition.requests if (r.alike, r.thread) == (mine.alike, mine.thread) and not r.ended]
    twin = next((r for r in same if r is not mine and not r.decided and _is_answered(r, allowed)), None)
    if twin is None:
        return condition
    swapped = {mine.id: replace(mine, call=twin.call), twin.id: replace(twin, call=mine.call)}
    return replace(condition, requests=tuple(swapped.get(r.id, r) for r in condition.requests))


def _is_answered(request: Request, allowed: bool | None) -> bool:
    """Whether somebody is about to answer it on its pipe, with that yes or no."""
    ours = request.settler
    return ours is not None and not ours.keys and (allowed is None or (ours.how != "denied") == allowed)


def _is_of(request: Request, call: str, alike: str, thread: str | None) -> bool:
    """Whether a call that ended is the one of that request: by its id, where both have told one."""
    if call and request.call:
        return request.call == call
    return request.alike == alike and request.thread == thread


def _answered(payload: Mapping[str, Any]) -> Settler | None:
    """What was answered at its window: the call carries it when it has run."""
    arguments = payload.get("tool_input")
    given = arguments.get("answers") if isinstance(arguments, Mapping) else None
    if not isinstance(given, Mapping):
        return None
    return Settler("answered", chosen=" · ".join(str(each) for each in given.values()))


def _ask(condition: Condition, hook: Hook, thread: str | None) -> Condition:
    payload = hook.payload
    name, folder = str(payload.get("tool_name", "")), str(condition.kind_state.get("folder") or "")
    arguments = payload.get("tool_input")
    arguments = arguments if isinstance(arguments, Mapping) else {}
    needs: Need = _BY_TOOL.get(name, "permission")
    what = tools.call(name, arguments, folder) if needs == "permission" else tools.target(arguments, folder) or name
    wanted = _print(payload)
    call = next((c[0] for c in condition.kind_state.get("calls", []) if c[1] == thread and c[2] == wanted), None)
    if call is not None:
        condition = _forget(condition, call)
    request = Request(
        id=hook.ref or f"{hook.at_ns}",
        needs=needs,
        what=what,
        at_ns=hook.at_ns,
        call=call,
        alike=wanted,
        thread=thread,
        hints=_hints(name, arguments, folder),
        given="" if needs == "permission" else json.dumps(dict(arguments), separators=(",", ":")),
        about=deciding.about(name, arguments),
        owed=True,
    )
    ended = [r for r in condition.requests if r.ended][-_KEPT:]
    return replace(condition, requests=(*ended, *_unended(condition), request))


def _record(condition: Condition, record: Record) -> Folded:
    line = record.line
    attachment = line.get("attachment")
    if isinstance(attachment, Mapping) and attachment.get("type") == "hook_permission_decision":
        call, decision = attachment.get("toolUseID"), attachment.get("decision")
        if decision not in ("allow", "deny"):
            return condition, []
        condition = _bound(condition, call, allowed=decision == "allow")
        taken = [replace(r, decided=decision) if call and r.call == call else r for r in condition.requests]
        return replace(condition, requests=tuple(taken)), []
    if line.get("type") != "user" or not condition.requests:
        return condition, []
    message = line.get("message")
    content = message.get("content") if isinstance(message, Mapping) else None
    drafts: list[NewEntry] = []
    for block in content if isinstance(content, list) else []:
        if isinstance(block, Mapping) and block.get("type") == "tool_result":
            condition, told = _result(condition, block, record.at_ns)
            drafts += told
    return condition, drafts


def _result(condition: Condition, block: Mapping[str, Any], at_ns: int) -> Folded:
    call = block.get("tool_use_id")
    condition = _bound(condition, call)
    request = next((r for r in condition.requests if call and r.call == call), None)
    if request is None:
        return condition, []
    failed, content = block.get("is_error") is True, str(block.get("content"))
    ours = failed and bool(request.reason) and content == request.reason
    decided: Decided = "deny" if ours else request.decided
    refused = failed and (decided == "deny" or content.startswith(_REFUSED))
    ended: Ended = "refused" if refused else "failed" if failed else "ran"
    drafts = []
    if refused and request.told == "began":
        drafts = [NewEntry("note", f"correction: {request.what} was told approved, but it was refused", at_ns)]
    # Both versions fire no hook for a call that was refused: PostToolUseFailure says that the tool ran.
    ran = ended != "refused" and (request.ran or not failed)
    settled = replace(request, ended=ended, decided=decided, by="transcript tool_result", told="", ran=ran)
    return replace(condition, requests=tuple(settled if r is request else r for r in condition.requests)), drafts


def _end(condition: Condition, which: Any, ended: Ended, by: str) -> Condition:
    if not any(which(r) for r in _unended(condition)):
        return condition
    after = [replace(r, ended=ended, by=by) if not r.ended and which(r) else r for r in condition.requests]
    return replace(condition, requests=tuple(after))


def _unended(condition: Condition) -> list[Request]:
    """Also those that wait for no answer any more, whose end is still to be told."""
    return [request for request in condition.requests if not request.ended]


def _saw(condition: Condition, request: Request, dialog: Dialog) -> Condition:
    seen = tuple(replace(r, shown=True, offered=dialog.choices) if r is request else r for r in condition.requests)
    return remember(replace(condition, requests=seen), shown=request.id)


def _head(condition: Condition, waiting: Sequence[Request]) -> Request:
    """The one on the screen; else the one that was told; else the first."""
    known = {r.id: r for r in waiting}
    told = condition.dialog.request if condition.dialog is not None else None
    for wanted in (condition.kind_state.get("shown"), told):
        if wanted in known:
            return known[wanted]
    return next((r for r in waiting if r.thread is None), waiting[0])


def _tell_ended(condition: Condition) -> Folded:
    """The entry of the request before, should it have been settled before its entry was due."""
    needing = condition.kind_state.get("needing")
    # One whose answer was taken, or whose tool was seen to begin, is not asked any more although it has not ended.
    settled = {r.id for r in condition.requests} - {r.id for r in condition.open_requests}
    if needing is None or needing.get("request") not in settled:
        return condition, []
    if needing["request"] in condition.kind_state.get("needs_told", []):
        return remember(condition, needing=None), []
    entry = NewEntry("needs", needing["what"], int(needing["at"]), {"needs": needing["needs"]})
    return remember(condition, needing=None), [entry]


def _turned(before: Condition, condition: Condition) -> bool:
    """Whether the program went on with its main thread: its dialog was answered at the keyboard."""
    return (
        before.state == "waiting"
        and condition.state in ("working", "idle")
        and condition.evidence.startswith("sessions/")
    )


def _nothing(before: Condition, condition: Condition, seen: Observation) -> Folded:
    dialog = condition.dialog
    condition = remember(condition, shown=None)
    if condition.state != "waiting" or dialog is None or dialog.request is None:
        return condition, []
    last = next((r for r in reversed(condition.requests) if r.id == dialog.request), None)
    if last is not None and last.ended == "refused" and last.decided != "deny" and last.thread is None:
        # The turn is interrupted, which the next record says.
        return condition, []
    state: State = "working" if in_turn(condition) else "idle"
    by = condition.evidence
    if last is not None:
        by = last.by or f"transcript hook_permission_decision {last.decided}"
    return to_state(condition, state, seen.at_ns, by), []


def _tool(request: Request) -> str:
    named = next((tool for tool, needs in _BY_TOOL.items() if needs == request.needs), None)
    return named or request.what.partition("(")[0]


def _hints(name: str, arguments: Mapping[str, Any], folder: str) -> tuple[str, ...]:
    given = arguments.get("questions")
    asked = [str(q.get("question", "")) for q in given if isinstance(q, Mapping)] if isinstance(given, list) else []
    about = tools.target(arguments)
    below = tools.target(arguments, folder)
    # A long command is cut by a small terminal, a path is shown whole, from the folder, or by its name.
    parts = [
        *asked,
        about,
        below,
        about[:60],
        below.rpartition("/")[2],
        "Exit plan mode" if name == "ExitPlanMode" else "",
    ]
    return tuple(dict.fromkeys(part[:400] for part in parts if part))


def _print(payload: Mapping[str, Any]) -> str:
    """What makes two calls the same: the tool and its arguments (an answered question carries its answers)."""
    name = str(payload.get("tool_name"))
    about = None if name in _BY_TOOL else payload.get("tool_input")
    given = json.dumps([name, about], sort_keys=True, default=str)
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:16]


def _forget(condition: Condition, call: str) -> Condition:
    calls = condition.kind_state.get("calls", [])
    return remember(condition, calls=[c for c in calls if c[0] != call] or None) if calls else condition


def _squashed(text: str) -> str:
    """Without blanks and frames, which wrapping puts anywhere."""
    return re.sub(r"[\s│]+", "", text)
