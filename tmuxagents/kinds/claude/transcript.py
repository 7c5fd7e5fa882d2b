"""What a line of Claude Code's transcript means: the log, the tokens, an interruption.

Records that are not known are passed over. Records of one file are in order among themselves,
except `system` ones, which 2.1.197 writes out of turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.kinds import prompts
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.claude import limits, queue, tools
from tmuxagents.kinds.claude.memory import count_tokens, remember, to_state, written_ns
from tmuxagents.kinds.claude.turns import (
    begin_turn,
    call_told,
    confirm,
    end_turn,
    finish,
    free_since,
    is_unsure,
    told_early,
    was_turn,
)
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Record
from tmuxagents.value import replace

INTERRUPTED = "[Request interrupted by user"


def observe(condition: Condition, record: Record) -> Folded:
    """Fold one line in."""
    line = record.line
    match line.get("type"):
        case "assistant":
            return _assistant(condition, record)
        case "user" if record.source == "main" and not line.get("isMeta") and not line.get("isCompactSummary"):
            return _user(condition, line, record.at_ns)
        case "queue-operation":
            return queue.operation(condition, line, record.at_ns)
        case "attachment":
            return _attachment(condition, line, record.at_ns)
        case "system":
            return _system(condition, line, record.at_ns)
        case _:
            return condition, []


def _assistant(condition: Condition, record: Record) -> Folded:
    message = record.line.get("message")
    if not isinstance(message, Mapping):
        return condition, []
    if isinstance(message.get("usage"), Mapping) and message.get("id"):
        condition = _by_model(condition, message)
        condition = count_tokens(condition, str(message["id"]), message["usage"])
    if record.line.get("isApiErrorMessage") or _is_filler(message):
        # StopFailure tells the same with the kind of error.
        return limits.recorded(condition, record.line, record.at_ns), []
    detail = {} if record.source == "main" else {"subagent": record.source}
    folder = str(condition.kind_state.get("folder") or "")
    drafts: list[NewEntry] = []
    for block in _blocks(message):
        if block.get("type") == "text" and str(block.get("text", "")).strip():
            text = str(block["text"])
            told = told_early(condition, prompts.digest(text)) if record.source == "main" else None
            if told is not None:
                # The Stop hook has told it, when this had not come for too long.
                condition = told
                continue
            drafts.append(NewEntry("text", text, record.at_ns, detail))
            if record.source == "main":
                condition = remember(condition, text_seen=prompts.digest(text))
        elif block.get("type") == "tool_use":
            arguments = block.get("input")
            words = tools.line(str(block.get("name", "?")), arguments if isinstance(arguments, Mapping) else {}, folder)
            drafts.append(NewEntry("tool", words, record.at_ns, detail))
            condition = call_told(condition, block.get("id"))
    return condition, drafts


def _by_model(condition: Condition, message: Mapping[str, Any]) -> Condition:
    """The condition with the model that this message is of: a subagent may have another than the main thread."""
    model = message.get("model")
    return replace(condition, model=model[:80]) if isinstance(model, str) and not model.startswith("<") else condition


def _is_filler(message: Mapping[str, Any]) -> bool:
    """2.1.197 writes it when it is resumed behind a prompt or a command that nobody answered."""
    texts = [block.get("text") for block in _blocks(message)]
    return message.get("model") == "<synthetic>" and texts == ["No response requested."]


def _user(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Folded:
    message = line.get("message")
    text = _text(message) if isinstance(message, Mapping) else ""
    if text.startswith(INTERRUPTED):
        if condition.state not in ("working", "waiting"):
            return condition, []
        return end_turn(condition, at_ns, f"transcript: {text[:60]}", how="interrupted", reason="interrupted")
    if text.startswith("<bash-input>"):
        # A shell command of a person's: no turn.
        bare = text.removeprefix("<bash-input>").removesuffix("</bash-input>")
        detail = {"digest": prompts.digest(f"!{bare}"), "local": True}
        # In the queue of 2.1.330 it stands without its mark.
        return queue.taken(condition, prompts.digest(bare)), [NewEntry("prompt", f"!{bare}", at_ns, detail)]
    if not prompts.is_said(text):
        return _local_command(condition, text, at_ns)
    digest = prompts.digest(text)
    condition, drafts = _has_begun(queue.taken(condition, digest), digest, written_ns(line), at_ns)
    return condition, [*drafts, _prompt(condition, text, digest, at_ns)]


def _has_begun(condition: Condition, digest: str, written_ns: int, at_ns: int) -> Folded:
    """A prompt that was written after the last turn has ended begins the next, also when no hook says so:
    2.1.330 fires none when it takes one from its queue, and none can run when the folder is gone."""
    if condition.kind_state.get("began_by") == digest:
        # It is often read after the Stop hook. The same text may follow as another prompt.
        return remember(condition, began_by=None), []
    if is_unsure(condition) and written_ns >= int(condition.kind_state["unsure"]):
        return remember(confirm(condition), told=digest), []
    if (folded := was_turn(condition, written_ns)) is not None:
        return folded
    if condition.state in ("idle", "limited", "starting") and written_ns >= free_since(condition):
        condition, drafts = begin_turn(condition, at_ns, "transcript: a prompt")
        return remember(condition, told=digest), drafts
    return condition, []


def _prompt(condition: Condition, text: str, digest: str, at_ns: int) -> NewEntry:
    """`turn` is the one that took it."""
    return NewEntry("prompt", prompts.unwrapped(text).strip("\n"), at_ns, {"digest": digest, "turn": condition.turn})


def _attachment(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Folded:
    attachment = line.get("attachment")
    if not isinstance(attachment, Mapping):
        return condition, []
    if attachment.get("type") == "hook_non_blocking_error" and attachment.get("hookEvent") == "Stop":
        # Where the working folder is gone no hook can be started; that it was to be is written down.
        return finish(condition, written_ns(line)), []
    return _steered(condition, attachment, at_ns)


def _steered(condition: Condition, attachment: Mapping[str, Any], at_ns: int) -> Folded:
    """A queued prompt that the running turn took in: it never becomes a `user` record."""
    if attachment.get("type") != "queued_command":
        return condition, []
    text = attachment.get("prompt")
    if isinstance(text, list):
        text = _text({"content": text})
    if not isinstance(text, str) or not prompts.is_said(text):
        return condition, []
    digest = prompts.digest(text)
    return queue.taken(condition, digest), [_prompt(condition, text, digest, at_ns)]


def _system(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Folded:
    if line.get("subtype") == "turn_duration":
        # Written when a turn was carried out, not when it was interrupted.
        return finish(condition, written_ns(line)), []
    content = line.get("content")
    if not isinstance(content, str):
        return condition, []
    if limits.GOES_ON in content and line.get("subtype") == "informational":
        return limits.goes_on(condition, at_ns), []
    if content.startswith("Unknown command:"):
        digest = prompts.digest(content.partition(":")[2])
        detail = {"digest": digest, "how": "refused", "by": "transcript: unknown command"}
        condition = _took(queue.taken(condition, digest), at_ns, "transcript: unknown command", refused=content)
        return condition, [NewEntry("error", content, at_ns), NewEntry("receipt", "", at_ns, detail)]
    return _local_command(condition, content, at_ns)


def _local_command(condition: Condition, content: str, at_ns: int) -> Folded:
    """`/model` is a `system` record, `/clear` and `/compact` are `user` ones."""
    if "<command-name>" not in content:
        return condition, []
    name = content.partition("<command-name>")[2].partition("</command-name>")[0]
    arguments = content.partition("<command-args>")[2].partition("</command-args>")[0]
    said = f"{name} {arguments}".strip()
    digest = prompts.digest(said)
    by = "transcript local command"
    condition = _took(queue.taken(condition, digest), at_ns, by)
    receipt = NewEntry("receipt", "", at_ns, {"digest": digest, "how": "submitted", "by": by})
    return condition, [NewEntry("prompt", said, at_ns, {"digest": digest, "local": True}), receipt]


def _took(condition: Condition, at_ns: int, evidence: str, *, refused: str | None = None) -> Condition:
    """Its task was a command, which is no turn."""
    if not condition.task_due:
        return condition
    condition = replace(condition, task_due=False, ended="refused" if refused else condition.ended)
    return to_state(condition, "idle", at_ns, evidence, reason=refused) if condition.state == "starting" else condition


def _blocks(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message.get("content")
    return [b for b in content if isinstance(b, Mapping)] if isinstance(content, list) else []


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    texts = [str(b.get("text", "")) for b in _blocks(message) if b.get("type") == "text"]
    return "\n".join(text for text in texts if text)
