"""The scripted agent: needs no account, behaves like a coding agent, misbehaves when told to.

Its events file says everything, one JSON object a line; `tmuxagents.demo_agent` is the program.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.kinds import settling
from tmuxagents.kinds.base import Conversation, Folded, Kind, Launch, Lines, Reader, Start
from tmuxagents.kinds.choices import needed
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.condition import Condition, Dialog, Need, Usage
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.model.observation import Observation, Record, Screen
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")

EVENTS = "events.jsonl"


class Demo(Kind):
    """The scripted agent."""

    INTERRUPT = "Escape"
    QUIT = "/exit"
    QUITS = frozenset({"/exit"})
    FOOTER = "Esc to cancel"
    BOX = "^❯( |$)"
    CONFIRMS = True
    TELLS_USAGE = True
    TELLS_ENDS = True
    MARK = EVENTS
    RETOLD: frozenset[EntryKind] = frozenset(("text", "tool", "prompt", "receipt", "turn", "needs", "exit"))

    def launch(self, start: Start) -> Launch:
        """`-- ARG…` goes to the program (`--speed 10`)."""
        argv = [sys.executable, "-P", "-m", "tmuxagents.demo_agent.program", "--events", str(start.folder / EVENTS)]
        argv += ["--resume"] if start.resume else []
        argv += [str(word) for word in start.options.get("args", ())]
        if start.task is not None and start.task.startswith("-"):
            argv.append("--")
        return Launch(argv=argv, task=start.task)

    def account(self, env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> str:
        """One for all."""
        return "demo"

    def readers(self, condition: Condition, folder: Path) -> Sequence[Reader]:
        """Its events file."""
        return (Lines("events", folder / EVENTS),)

    def conversations(self, condition: Condition, folder: Path) -> Sequence[Conversation]:
        """It keeps one."""
        return [Conversation(condition.conversation or "", folder / EVENTS)]

    def observe(self, condition: Condition, seen: Observation) -> Folded:
        """One event; the screen only shows dialogs that no event announced."""
        return _observe(condition, seen)

    def reset_for_replay(self, condition: Condition) -> Condition:
        """Its events tell everything."""
        return replace(condition, turn=0, turns=0, queued=0, usage=Usage(), last_text=None)

    def read_screen(self, rows: Sequence[str]) -> Reading:
        """The same shapes as Claude Code's."""
        from tmuxagents.kinds import dialog_reading, tui

        tail = tuple(row for row in tui.plain(rows) if row)[-12:]
        draft = tui.box(rows)
        return Reading(draft=draft, dialog=dialog_reading.read(rows, ()) if draft is None else None, tail=tail)


def _observe(condition: Condition, seen: Observation) -> Folded:
    if isinstance(seen, Screen):
        return _look(condition, seen)
    if not isinstance(seen, Record):
        return condition, []
    line, at = seen.line, seen.at_ns
    event = str(line.get("event"))
    text = str(line.get("text", ""))
    evidence = f"event {event}"
    match event:
        case "ready":
            # With a task it is not idle before it has taken it.
            state = "starting" if line.get("task") else "idle"
            ready = replace(_to(condition, state, at, evidence), task_due=state == "starting", queued=0)
            return ready, []
        case "prompt":
            return _prompt(condition, text, at)
        case "queued":
            condition = replace(condition, queued=condition.queued + 1)
            return condition, [NewEntry("receipt", "", at, {"digest": digest(text), "how": "queued", "by": evidence})]
        case "text":
            return replace(condition, last_text=text), [NewEntry("text", text, at)]
        case "tool":
            words = f"{line.get('name')}: {line.get('target')}" if line.get("target") else str(line.get("name"))
            return _to(condition, "working", at, evidence), [NewEntry("tool", words, at)]
        case "permission" | "question":
            return _needs(condition, event, line, at)
        case "answered":
            chosen, allowed = str(line.get("choice", "")), line.get("allowed") is True
            settled = settling.answered(condition, chosen, allowed, by=evidence, at_ns=at)
            return _to(settled, "working", at, evidence), []
        case "usage":
            return replace(condition, usage=_usage(condition, line)), []
        case "interrupted" | "turn_end":
            return _turn_end(condition, line, at, "done" if event == "turn_end" else event)
        case _:
            return condition, []


def _prompt(condition: Condition, text: str, at: int) -> Folded:
    turn = max(condition.turn, condition.turns) + 1
    # When it is not idle it takes the next of its queue.
    queued = max(0, condition.queued - 1)
    begun = replace(condition, turn=turn, task_due=False, queued=queued)
    receipt = {"digest": digest(text), "how": "submitted", "by": "event prompt"}
    drafts = [
        NewEntry("prompt", text, at, {"digest": digest(text), "turn": turn}),
        NewEntry("receipt", "", at, receipt),
    ]
    return _to(begun, "working", at, "event prompt"), drafts


def _needs(condition: Condition, event: str, line: Mapping[str, Any], at: int) -> Folded:
    needs: Need = "permission" if event == "permission" else "question"
    what = f"{line.get('tool')}({line.get('target')})" if needs == "permission" else str(line.get("question"))
    given = line.get("choices")
    choices = tuple(str(choice) for choice in given) if isinstance(given, list) else ()
    dialog = Dialog(needs=needs, what=what, choices=choices, preselected=0)
    waiting = replace(_to(condition, "waiting", at, f"event {event}"), dialog=dialog)
    return waiting, [NewEntry("needs", what, at, needed(dialog))]


def _turn_end(condition: Condition, line: Mapping[str, Any], at: int, how: str) -> Folded:
    usage = _usage(condition, line)
    cost = line.get("cost_usd") if isinstance(line.get("usage"), dict) else None
    resets = line.get("resets_ns")
    if isinstance(resets, int):
        how = "failed"
    last = str(line["last_text"]) if line.get("last_text") else condition.last_text
    ended = replace(condition, turns=condition.turn, usage=usage, last_text=last, ended=how)
    reason = "interrupted" if how == "interrupted" else None
    detail = {"how": how, "turn": condition.turn, "cost_usd": cost}
    if isinstance(resets, int):
        limited = replace(_to(ended, "limited", at, "event turn_end"), reason="You've hit your limit", resets_ns=resets)
        return limited, [NewEntry("error", "You've hit your limit", at), NewEntry("turn", "", at, detail)]
    return replace(_to(ended, "idle", at, f"event {line.get('event')}"), reason=reason), [
        NewEntry("turn", "", at, detail)
    ]


def _usage(condition: Condition, line: Mapping[str, Any]) -> Usage:
    if not isinstance(line.get("usage"), dict):
        return condition.usage
    counts = {key: round(_number(line["usage"].get(key))) for key in _TOKENS}
    return Usage(**counts, microusd=round(_number(line.get("total_cost_usd")) * 1_000_000))


def _number(value: object) -> float:
    """A count or a sum of an events file, which anybody may have written to; 0 for what is none."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good and isinstance(value, int | float) else 0.0


def _look(condition: Condition, seen: Screen) -> Folded:
    dialog = seen.reading.dialog
    unannounced = condition.dialog is None or condition.evidence.startswith("screen:")
    if dialog is not None and unannounced and condition.dialog != dialog:
        waiting = replace(_to(condition, "waiting", seen.at_ns, "screen: a dialog is open"), dialog=dialog)
        return waiting, [NewEntry("needs", dialog.what, seen.at_ns, needed(dialog))]
    if dialog is None and condition.state == "waiting" and condition.evidence.startswith("screen:"):
        state = "working" if condition.turn > condition.turns else "idle"
        return _to(condition, state, seen.at_ns, "screen: the dialog is gone"), []
    return condition, []


def _to(condition: Condition, state: Any, at: int, evidence: str) -> Condition:
    since = condition.since_ns if condition.state == state else at
    return replace(condition, state=state, since_ns=since, evidence=evidence, dialog=None, reason=None)


KIND = Demo()
