"""A kind that is added to a copy of the package by this folder and one line of the registry.

Its program is below it: a prompt on a terminal line, and a log of JSON lines. It mints its conversation's id itself.
With the channel `file` it reads a pipe beside its log instead of the terminal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.kinds.base import Conversation, Folded, Health, Kind, Launch, Lines, Reader, Start
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.condition import Condition, State
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.model.observation import Observation, Record
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

LOG = "echo.jsonl"

PROGRAM = """
import json, os, sys
path, channel = sys.argv[1:3]
log = open(path, "a", buffering=1)
if channel == "file":
    os.path.exists(path + ".in") or os.mkfifo(path + ".in")
    sys.stdin = os.fdopen(os.open(path + ".in", os.O_RDWR), "r")
def tell(**line): log.write(json.dumps(line) + "\\n")
tell(event="ready", conversation="e1", task=len(sys.argv) > 3)
texts = iter(sys.argv[3:])
while True:
    text = next(texts, None)
    if text is None:
        text = input("> ")
    if text == "bye":
        break
    tell(event="heard", text=text)
    print(text, flush=True)
    tell(event="echoed", text=text)
"""


class Echo(Kind):
    """Says what it hears."""

    CHANNEL = "keyboard"
    IDENTITY = "learned"
    QUIT = "bye"
    QUITS = frozenset({"bye"})
    BOX = "^> "
    CONFIRMS = True
    # Of a copy it takes no notice.
    FORKS = True
    MARK = LOG
    RETOLD: frozenset[EntryKind] = frozenset(("text", "prompt", "receipt", "turn", "exit"))

    def launch(self, start: Start) -> Launch:
        return Launch([sys.executable, "-c", PROGRAM, str(start.folder / LOG), self.CHANNEL], task=start.task)

    def readers(self, condition: Condition, folder: Path) -> Sequence[Reader]:
        return (Lines("log", folder / LOG),)

    def conversations(self, condition: Condition, folder: Path) -> Sequence[Conversation]:
        return [Conversation(condition.conversation or "", folder / LOG)]

    def health(self, settings: Mapping[Path, Mapping[str, Any]]) -> Sequence[Health]:
        return (Health("ok", "echo", "echo answers"),)

    def observe(self, condition: Condition, seen: Observation) -> Folded:
        if not isinstance(seen, Record):
            return condition, []
        text, at = str(seen.line.get("text", "")), seen.at_ns
        match seen.line.get("event"):
            case "ready":
                state: State = "starting" if seen.line.get("task") else "idle"
                named = replace(condition, conversation=str(seen.line["conversation"]))
                return _to(named, state, at, "log ready"), []
            case "heard":
                receipt = {"digest": digest(text), "how": "submitted", "by": "log heard"}
                begun = replace(condition, turn=condition.turn + 1, task_due=False)
                drafts = [NewEntry("prompt", text, at, {"digest": digest(text)}), NewEntry("receipt", "", at, receipt)]
                return _to(begun, "working", at, "log heard"), drafts
            case "echoed":
                ended = replace(condition, turns=condition.turn, last_text=text, ended="done")
                drafts = [NewEntry("text", text, at), NewEntry("turn", "", at, {"how": "done"})]
                return _to(ended, "idle", at, "log echoed"), drafts
            case _:
                return condition, []

    def read_screen(self, rows: Sequence[str]) -> Reading:
        plain = [re.sub(r"\x1b\[[0-9;]*m", "", row).rstrip() for row in rows]
        last = next((row for row in reversed(plain) if row), "")
        return Reading(draft=last[2:] if last.startswith("> ") else "" if last == ">" else None)


def _to(condition: Condition, state: State, at: int, evidence: str) -> Condition:
    return replace(condition, state=state, since_ns=at, evidence=evidence)


KIND = Echo()
