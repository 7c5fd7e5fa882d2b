"""What a line of Claude Code's transcript means: the log, the tokens, an interruption.

Records that are not known are passed over. Records of one file are in order among themselves,
except `system` ones, which 2.1.197 writes out of turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.kinds import prompts
from tmuxagents.kinds.claude import tools
from tmuxagents.kinds.claude.memory import count_tokens, remember
from tmuxagents.kinds.claude.turns import end_turn
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import Draft
from tmuxagents.model.observation import Record

INTERRUPTED = "[Request interrupted by user"

Folded = tuple[Condition, list[Draft]]


def observe(condition: Condition, record: Record) -> Folded:
    """Fold one line in."""
    line = record.line
    match line.get("type"):
        case "assistant":
            return _assistant(condition, record)
        case "user" if record.source == "main" and not line.get("isMeta") and not line.get("isCompactSummary"):
            return _user(condition, line, record.at_ns)
        case "queue-operation" if line.get("operation") == "enqueue":
            return condition, _receipt(line.get("content"), record.at_ns, "transcript queue-operation")
        case "attachment":
            return condition, _steered(line, record.at_ns)
        case "system":
            return _system(condition, line, record.at_ns)
        case _:
            return condition, []


def _assistant(condition: Condition, record: Record) -> Folded:
    message = record.line.get("message")
    if not isinstance(message, Mapping):
        return condition, []
    if isinstance(message.get("usage"), Mapping) and message.get("id"):
        condition = count_tokens(condition, str(message["id"]), message["usage"])
    if record.line.get("isApiErrorMessage") or _is_filler(message):
        # StopFailure tells the same with the kind of error.
        return condition, []
    detail = {} if record.source == "main" else {"subagent": record.source}
    folder = str(condition.own.get("folder") or "")
    drafts: list[Draft] = []
    for block in _blocks(message):
        if block.get("type") == "text" and str(block.get("text", "")).strip():
            text = str(block["text"])
            drafts.append(Draft("text", text, record.at_ns, detail))
            if record.source == "main":
                condition = remember(condition, text_seen=prompts.digest(text))
        elif block.get("type") == "tool_use":
            arguments = block.get("input")
            words = tools.line(str(block.get("name", "?")), arguments if isinstance(arguments, Mapping) else {}, folder)
            drafts.append(Draft("tool", words, record.at_ns, detail))
    return condition, drafts


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
        text = "!" + text.removeprefix("<bash-input>").removesuffix("</bash-input>")
    if not prompts.is_said(text):
        return condition, _local_command(text, at_ns)
    said = prompts.unwrapped(text).strip("\n")
    return condition, [Draft("prompt", said, at_ns, {"digest": prompts.digest(text)})]


def _steered(line: Mapping[str, Any], at_ns: int) -> list[Draft]:
    """A queued prompt that the running turn took in: it never becomes a `user` record."""
    attachment = line.get("attachment")
    if not isinstance(attachment, Mapping) or attachment.get("type") != "queued_command":
        return []
    text = attachment.get("prompt")
    if isinstance(text, list):
        text = _text({"content": text})
    if not isinstance(text, str) or not prompts.is_said(text):
        return []
    return [Draft("prompt", prompts.unwrapped(text).strip("\n"), at_ns, {"digest": prompts.digest(text)})]


def _receipt(content: object, at_ns: int, by: str) -> list[Draft]:
    if not isinstance(content, str) or not prompts.is_said(content):
        return []
    return [Draft("receipt", "", at_ns, {"digest": prompts.digest(content), "how": "queued", "by": by})]


def _system(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Folded:
    content = line.get("content")
    if not isinstance(content, str):
        return condition, []
    if content.startswith("Unknown command:"):
        digest = prompts.digest(content.partition(":")[2])
        detail = {"digest": digest, "how": "refused", "by": "transcript: unknown command"}
        return condition, [Draft("error", content, at_ns), Draft("receipt", "", at_ns, detail)]
    return condition, _local_command(content, at_ns)


def _local_command(content: str, at_ns: int) -> list[Draft]:
    """`/model` is a `system` record, `/clear` and `/compact` are `user` ones."""
    if "<command-name>" not in content:
        return []
    name = content.partition("<command-name>")[2].partition("</command-name>")[0]
    arguments = content.partition("<command-args>")[2].partition("</command-args>")[0]
    said = f"{name} {arguments}".strip()
    detail = {"digest": prompts.digest(said), "how": "submitted", "by": "transcript local command"}
    return [Draft("prompt", said, at_ns, {"digest": detail["digest"]}), Draft("receipt", "", at_ns, detail)]


def _blocks(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message.get("content")
    return [b for b in content if isinstance(b, Mapping)] if isinstance(content, list) else []


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    texts = [str(b.get("text", "")) for b in _blocks(message) if b.get("type") == "text"]
    return "\n".join(text for text in texts if text)
