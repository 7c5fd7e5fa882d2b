"""What hooks would have said, from the transcript and the self-report, where no hook comes.

`disableAllHooks` in the user's settings, managed settings and a working folder that is gone keep hooks
from being run, the status line with them. Measured on 2.1.197 and 2.1.330: the transcript has the prompt
0.1 to 0.3 s after Enter (its hook 0.03 s), an `assistant` record with each block, and `turn_duration`
when a turn was carried out. So what is missing is made from these and folded in as if it had come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds import prompts
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.claude import hooks
from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Hook, Record, SelfReport
from tmuxagents.value import replace

PATIENCE = 2 * SECOND
"""How long the first hook of a program may be behind its transcript or its report."""

LATER = 5 * SECOND
"""The same for a program whose hooks did come: their own time limit."""

NOTE = (
    "its hooks are off: its states and what became of a text are read from its transcript, "
    "up to half a second later; what it costs is not told"
)


def is_unhooked(condition: Condition) -> bool:
    """Whether nothing is to be expected of hooks."""
    return bool(condition.kind_state.get("unhooked"))


def heard(condition: Condition, hook: Hook) -> Condition:
    """A hook came: what waits for one is told by it."""
    if hook.event == "StatusLine":
        return condition
    return remember(condition, heard_at=hook.at_ns, unhooked=None, quiet=None, talk=None, unheard=None)


def observe(condition: Condition, record: Record) -> Folded:
    """Fold in what a record says that no hook will say; before the record's own meaning."""
    if record.source != "main" or record.line.get("isMeta") or record.line.get("isSidechain"):
        return condition, []
    said = _prompt(record.line)
    if said is not None:
        return _taken(condition, said, record.at_ns)
    talk = condition.kind_state.get("talk")
    if talk is None:
        return condition, []
    if record.line.get("type") == "assistant":
        return _answered(condition, talk, record)
    if record.line.get("subtype") == "turn_duration" and talk["answered"] and not talk.get("done"):
        return _done(remember(condition, talk={**talk, "done": record.at_ns}), record.at_ns)
    return condition, []


def reported(condition: Condition, report: SelfReport) -> Condition:
    """It says that it is idle, and has said nothing by a hook yet."""
    own = condition.kind_state
    if condition.state != "starting" or report.payload.get("status") != "idle" or not _is_new(condition):
        return condition
    return condition if own.get("quiet") else remember(condition, quiet=report.at_ns, unheard=report.at_ns)


def settle(condition: Condition, now_ns: int) -> Folded:
    """No hook came in time: say so once, and make up for what it would have said."""
    due = due_ns(condition)
    if due is None or now_ns < due:
        return condition, []
    quiet, talk = condition.kind_state.get("quiet"), condition.kind_state.get("talk")
    drafts = [] if condition.kind_state.get("unhooked_told") else [NewEntry("note", NOTE, now_ns)]
    condition = remember(condition, unhooked=True, unhooked_told=True, quiet=None, unheard=None)
    if quiet and condition.state == "starting":
        condition, told = _as_hook(condition, "SessionStart", {"source": "startup"}, int(quiet))
        drafts += told
    if talk and not talk.get("told"):
        condition, told = _late(condition, talk)
        drafts += told
    return condition, drafts


def due_ns(condition: Condition) -> int | None:
    """When `settle` does something."""
    own = condition.kind_state
    if own.get("unhooked"):
        return None
    moments = [int(own["unheard"]) + PATIENCE] if own.get("unheard") else []
    if own.get("talk") and not own["talk"].get("told"):
        moments.append(int(own["talk"]["at"]) + LATER)
    return min(moments, default=None)


def launched(condition: Condition, at_ns: int) -> Condition:
    """It is started anew: whether hooks come is to be seen again."""
    return remember(condition, launched=at_ns, unhooked=None, unhooked_told=None, quiet=None, talk=None, unheard=None)


def _is_new(condition: Condition) -> bool:
    """Whether this start of the program has not let a hook be heard: SessionStart comes before any prompt."""
    start = condition.kind_state.get("launched")
    return start is not None and int(condition.kind_state.get("heard_at", 0)) < int(start)


def _taken(condition: Condition, said: str, at_ns: int) -> Folded:
    if not is_unhooked(condition) and not _is_new(condition):
        if (
            int(condition.kind_state.get("heard_at", 0)) > at_ns - PATIENCE
            or condition.kind_state.get("launched") is None
        ):
            return condition, []
        return remember(condition, talk={"at": at_ns, "said": said, "answered": False}), []
    drafts: list[NewEntry] = []
    before = condition.kind_state.get("talk")
    if before and before["answered"] and not before.get("done"):
        # 2.1.197 may write the end of a turn behind the next prompt.
        condition, drafts = _as_hook(condition, "Stop", {"last_assistant_message": condition.last_text}, at_ns)
    condition = remember(condition, talk={"at": at_ns, "said": "", "answered": False, "told": True}, quiet=None)
    if not is_unhooked(condition) and not condition.kind_state.get("unheard"):
        condition = remember(condition, unheard=at_ns)
    condition, told = _as_hook(condition, "UserPromptSubmit", {"prompt": said}, at_ns)
    return condition, [*drafts, *told]


def _answered(condition: Condition, talk: Mapping[str, Any], record: Record) -> Folded:
    message = record.line.get("message")
    blocks = message.get("content") if isinstance(message, Mapping) else None
    blocks = [b for b in blocks if isinstance(b, Mapping)] if isinstance(blocks, list) else []
    texts = [str(b["text"]) for b in blocks if b.get("type") == "text" and isinstance(b.get("text"), str)]
    condition = remember(condition, talk={**talk, "answered": True})
    if not talk.get("told"):
        return condition, []
    if record.line.get("isApiErrorMessage"):
        condition = remember(condition, talk={**talk, "answered": True, "done": record.at_ns})
        failed = {"error": record.line.get("error"), "last_assistant_message": "\n".join(texts)}
        return _as_hook(condition, "StopFailure", failed, record.at_ns)
    if texts:
        condition = replace(condition, last_text=texts[-1])
    called = next((str(b.get("name", "")) for b in blocks if b.get("type") == "tool_use"), None)
    return _as_hook(condition, "PreToolUse", {"tool_name": called}, record.at_ns) if called else (condition, [])


def _done(condition: Condition, at_ns: int) -> Folded:
    talk = condition.kind_state["talk"]
    if not talk.get("told"):
        return condition, []
    condition = remember(condition, talk=None)
    return _as_hook(condition, "Stop", {"last_assistant_message": condition.last_text}, at_ns)


def _late(condition: Condition, talk: Mapping[str, Any]) -> Folded:
    """Hooks have stopped in the middle: the prompt, and the end of its turn if that was written."""
    condition = remember(condition, talk={**talk, "said": "", "told": True})
    condition, drafts = _as_hook(condition, "UserPromptSubmit", {"prompt": talk["said"]}, int(talk["at"]))
    if talk.get("done"):
        condition, told = _as_hook(remember(condition, talk=None), "Stop", {}, int(talk["done"]))
        drafts += told
    return condition, drafts


def _as_hook(condition: Condition, event: str, payload: Mapping[str, Any], at_ns: int) -> Folded:
    """Fold it in; the evidence says what it really was."""
    condition, drafts = hooks.observe(condition, Hook(event, payload, at_ns))
    source = "self-report" if event == "SessionStart" else "transcript"
    return replace(condition, evidence=_named(condition.evidence, source)), [_told_by(d, source) for d in drafts]


def _told_by(draft: NewEntry, source: str) -> NewEntry:
    by = draft.detail.get("by")
    return replace(draft, detail={**draft.detail, "by": _named(by, source)}) if isinstance(by, str) else draft


def _named(evidence: str, source: str) -> str:
    return f"{source}, no hook: {evidence.removeprefix('hook ')}" if evidence.startswith("hook ") else evidence


def _prompt(line: Mapping[str, Any]) -> str | None:
    """The text of a prompt that was taken."""
    message = line.get("message")
    if line.get("type") != "user" or line.get("isCompactSummary") or not isinstance(message, Mapping):
        return None
    content = message.get("content")
    if isinstance(content, list):
        texts = [str(b.get("text", "")) for b in content if isinstance(b, Mapping) and b.get("type") == "text"]
        content = "\n".join(texts)
    if not isinstance(content, str) or not prompts.is_said(content):
        return None
    return None if content.startswith(("[Request interrupted by user", "<bash-input>")) else content
