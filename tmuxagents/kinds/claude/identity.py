"""Which conversation is the agent's, where its records are, and which of them are the agent's own.

Measured on 2.1.197 and 2.1.330: SessionStart names a conversation and its transcript up to a second
before there is one. `/clear` begins a new file, which starts with the command's own record, half a
second older than the hook. `/resume` goes on in the other conversation's file. `/branch` copies every
record, with its time, into a new file. The self-report names the conversation within half a second; until
then it may be written again with the one that was left (2.1.197 at `/branch`: its new name, 0.1 s after
SessionStart, the conversation 0.2 s later).
`--resume` needs a file with at least one message, be it only `/clear`; 2.1.330 finds it under any
project's folder, 2.1.197 only under that of the working folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds.base import Conversation, Folded
from tmuxagents.kinds.claude.memory import remember, written_ns
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Record, SelfReport
from tmuxagents.value import replace

_NAMED = re.compile(rb'"sessionId": ?"[0-9a-f-]{36}"')
"""Within a text the quotes would be escaped."""

FOLLOWED = 4
"""How many transcripts are read on: the last ones."""

KEPT = 20
"""How many are remembered."""

SIGNS = (b'"type":"user"', b'"type":"assistant"', b'"type": "user"', b'"type": "assistant"')
"""What a transcript that can be gone on with holds one of."""

PATIENCE = 5 * SECOND
"""How long a conversation that was named may be without a transcript until that is told."""

_LONGEST = 200
"""Characters of a working folder that name its transcripts' folder."""

_AT_ONCE = 3 * SECOND
"""SessionEnd comes up to a second before SessionStart; a new file's first record no earlier than this."""

_OLDER = frozenset({"resume", "fork"})
"""Sources whose conversation holds what was said before."""

_BY_REPORT = "self-report"

_FARTHEST = 60 * SECOND
"""What is farther in the past than this is not late: the clock was set back."""


def branched(conversation: str, at_ns: int) -> Mapping[str, Any]:
    """What is remembered of a conversation that begins with a copy of another's, taken before that moment: what it
    holds from before, with the times that it had there, was neither said nor paid by this agent."""
    return {"spans": {conversation: [[at_ns, None]]}, "cost_anew": conversation, "branched": conversation}


def copied(raw: bytes, conversation: str) -> bytes:
    """A copy that calls itself by its new id: the SessionStart of 2.1.197 names the id that it reads in the file that
    is forked, and would say that the new program is in the old conversation."""
    return _NAMED.sub(b'"sessionId":"%s"' % conversation.encode(), raw)


def paths(condition: Condition) -> list[Path]:
    """The transcripts to read on in, the present one last; a conversation that was named and is not
    proven yet behind it."""
    known = [Path(path) for path in condition.kind_state.get("transcripts", [])][-FOLLOWED:]
    moving = condition.kind_state.get("moving")
    if moving and moving["path"] and Path(moving["path"]) not in known:
        known.append(Path(moving["path"]))
    present = place(condition)
    if present is not None and not any(path.stem == condition.conversation for path in known):
        known.append(present)
    return known


def place(condition: Condition) -> Path | None:
    """Where the conversation's transcript has to be, when no hook has told."""
    projects = condition.kind_state.get("projects")
    if not projects or not condition.conversation:
        return None
    return Path(projects) / str(condition.kind_state.get("slug", "")) / f"{condition.conversation}.jsonl"


def slug(folder: str) -> str:
    """The name of a working folder's own folder: what is no letter or digit of ASCII is a dash, each
    UTF-16 unit one; a long one is cut and told apart (2.1.197 and 2.1.330, tried on both)."""
    units = [int.from_bytes(pair, "little") for pair in _pairs(folder.encode("utf-16-le", "surrogatepass"))]
    name = "".join(chr(unit) if unit < 128 and chr(unit).isalnum() else "-" for unit in units)
    if len(name) <= _LONGEST:
        return name
    mark = 0
    for unit in units:
        mark = (mark * 31 + unit) & 0xFFFFFFFF
    return f"{name[:_LONGEST]}-{_base36(min(mark, (1 << 32) - mark))}"


def _pairs(raw: bytes) -> list[bytes]:
    return [raw[at : at + 2] for at in range(0, len(raw), 2)]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"


def known(condition: Condition) -> list[Conversation]:
    """What can be gone on with, the best first: the present one, then the ones before, newest first."""
    found = [path for path in reversed(paths(condition)) if path.stem == condition.conversation]
    found += [Path(path) for path in reversed(condition.kind_state.get("transcripts", []))]
    unique = {path.stem: path for path in reversed(found)}
    return [Conversation(stem, unique[stem], SIGNS, unique[stem].parent.parent) for stem in reversed(unique)]


def started(condition: Condition, payload: Mapping[str, Any], at_ns: int) -> Condition:
    """SessionStart names a conversation: the same one, or one that is still to be proven."""
    path = str(payload.get("transcript_path") or "")
    conversation = str(payload.get("session_id") or condition.conversation or "")
    if condition.conversation in (None, "", conversation):
        condition = remember(replace(condition, conversation=conversation or None), moving=None)
        return _with_transcript(condition, path)
    was_left = conversation in condition.kind_state.get("spans", {})
    if was_left and _is_late(at_ns, int(condition.kind_state.get("moved", 0))):
        return condition
    left_at = int(condition.kind_state.get("left_at", 0))
    return _move(condition, conversation, path, left_at if at_ns - _AT_ONCE < left_at < at_ns else at_ns, payload)


def left(condition: Condition, at_ns: int) -> Condition:
    """SessionEnd: what another conversation holds from now on may be ours."""
    return remember(condition, left_at=at_ns)


def reported(condition: Condition, report: SelfReport) -> Condition:
    """The program itself says which conversation it is in, also where no hook does."""
    conversation, moving = report.payload.get("sessionId"), condition.kind_state.get("moving")
    if not isinstance(conversation, str) or not conversation or condition.conversation is None:
        return condition
    if conversation == condition.conversation:
        return _confirmed(condition, report)
    if moving and moving["id"] == conversation:
        return remember(condition, moving={**moving, "reported": report.at_ns})
    present = place(condition) or next(iter(reversed(paths(condition))), None)
    if present is None or "/" in conversation or _is_stale(condition, conversation, report.at_ns):
        return condition
    path = str(present.with_name(f"{conversation}.jsonl"))
    return _move(condition, conversation, path, report.at_ns, {"source": _BY_REPORT})


def _confirmed(condition: Condition, report: SelfReport) -> Condition:
    """The program says that it is where it is known to be."""
    moving = condition.kind_state.get("moving")
    if moving and (moving["source"] == _BY_REPORT or report.at_ns > moving["at"] + _AT_ONCE):
        # It takes back what it reported; what a hook had claimed was another program's.
        condition = remember(condition, moving=None)
    return remember(condition, reported=report.at_ns)


def _is_stale(condition: Condition, conversation: str, at_ns: int) -> bool:
    """Whether a report was written by a program that had not yet told of its move: it names a conversation
    that was left, and none has named the present one before it."""
    named = condition.kind_state.get("reported")
    if named is not None:
        return _is_late(at_ns, int(named))
    return conversation in condition.kind_state.get("spans", {})


def _is_late(at_ns: int, known_ns: int) -> bool:
    """Whether what was told then is older than what is known."""
    return known_ns - _FARTHEST < at_ns <= known_ns


def is_named(condition: Condition, conversation: object) -> bool:
    """Whether it is the present conversation or the one that may follow it."""
    moving = condition.kind_state.get("moving")
    return conversation == condition.conversation or (moving is not None and conversation == moving["id"])


def proven(condition: Condition, record: Record) -> Folded:
    """A conversation that has a message in its transcript is the agent's from when it was named."""
    moving = condition.kind_state.get("moving")
    if moving is None or _of(record) != moving["id"] or record.line.get("type") not in ("user", "assistant"):
        return condition, []
    if record.line.get("isMeta"):
        # It stands in front of a command, which is told before what it did.
        return condition, []
    if "begun" not in moving:
        moving = {**moving, "begun": 0 if _is_new(moving, record.at_ns) else int(moving["at"])}
        condition = remember(condition, moving=moving)
    # The record of `/clear` is older than the hook.
    return settle(condition, max(record.at_ns, int(moving["at"])))


def is_ours(condition: Condition, record: Record) -> bool:
    """Whether the agent itself was in that conversation at that moment: what it held before, and what
    others add after it has gone on elsewhere, is not told under its name."""
    file, moving = _of(record), condition.kind_state.get("moving")
    if moving is not None and file == moving["id"] and not moving.get("known"):
        return record.at_ns >= int(moving["at"]) or _is_new(moving, record.at_ns)
    spans, at_ns = condition.kind_state.get("spans", {}).get(file), record.at_ns
    if condition.kind_state.get("branched") == file:
        # 2.1.197 may write its first answer before what it copies: that is read as of the time of what stands above.
        at_ns = min(at_ns, written_ns(record.line) or at_ns)
    return spans is None or any(a <= at_ns and (b is None or at_ns <= b) for a, b in spans)


def _is_new(moving: Mapping[str, Any], first_ns: int) -> bool:
    """Whether a file that begins then is a new conversation's, not one that held something before."""
    return moving["source"] not in _OLDER and first_ns > int(moving["at"]) - _AT_ONCE


def settle(condition: Condition, now_ns: int) -> Folded:
    """Go over to a conversation that is proven; say so of one that has no transcript."""
    moving, due = condition.kind_state.get("moving"), due_ns(condition)
    if moving is None or due is None or now_ns < due:
        return condition, []
    if _is_proven(moving):
        return _adopt(condition, moving)
    words = f"it names conversation {moving['id']} ({moving['source']}), which has no transcript yet; "
    told = NewEntry("note", words + f"{condition.conversation} stays recorded", int(moving["at"]))
    return remember(condition, moving={**moving, "told": True}), [told]


def due_ns(condition: Condition) -> int | None:
    """When `settle` does something."""
    moving = condition.kind_state.get("moving")
    if moving is None:
        return None
    if _is_proven(moving):
        # SessionStart, which says more, follows the report.
        return int(moving["at"]) + (SECOND if moving["source"] == _BY_REPORT else 0)
    return None if moving.get("told") else int(moving["at"]) + PATIENCE


def _is_proven(moving: Mapping[str, Any]) -> bool:
    return "begun" in moving or bool(moving.get("known"))


def gone_back(condition: Condition, conversation: str, at_ns: int) -> Condition:
    """The program is started again in an earlier conversation."""
    if conversation == condition.conversation:
        return remember(condition, moving=None)
    path = next((str(one.path) for one in known(condition) if one.id == conversation), "")
    moved, _ = _adopt(condition, {"id": conversation, "path": path, "at": at_ns, "source": "resume"})
    return moved


def _move(condition: Condition, conversation: str, path: str, at_ns: int, payload: Mapping[str, Any]) -> Condition:
    source = str(payload.get("source", "startup"))
    moving = {"id": conversation, "path": path, "at": at_ns, "source": source}
    if source == _BY_REPORT:
        moving["reported"] = at_ns
    before = condition.kind_state.get("moving")
    if before and before["id"] == conversation:
        # The report came first.
        moving |= {"reported": before["reported"]} if "reported" in before else {}
        if "begun" in before:
            moving["begun"] = before["begun"] if source not in _OLDER else at_ns
    if source != "clear":
        # 2.1.330 goes on counting where that conversation stood; what it had cost is not this agent's.
        condition = remember(condition, cost_anew=conversation)
    if conversation in condition.kind_state.get("spans", {}):
        # One of its own: its file was read to the end, and need not grow to be known.
        return remember(condition, moving={**moving, "known": True})
    return remember(condition, moving=moving)


def _adopt(condition: Condition, moving: Mapping[str, Any]) -> Folded:
    before, now, at_ns = str(condition.conversation), str(moving["id"]), int(moving["at"])
    begun = int(moving.get("begun", at_ns))
    spans = {key: [list(span) for span in value] for key, value in condition.kind_state.get("spans", {}).items()}
    spans[before] = [*spans.get(before, [[0, None]])]
    spans[before][-1][1] = at_ns
    spans[now] = [*spans.get(now, []), [begun, None]]
    condition = _with_transcript(replace(condition, conversation=now), str(moving["path"]))
    kept = [Path(path).stem for path in condition.kind_state.get("transcripts", [])] + [before, now]
    spans = {key: value for key, value in spans.items() if key in kept}
    words = "new conversation" if begun == 0 else "it continues conversation"
    said = f"{words} {now} ({moving['source']})"
    # `/resume ID` leaves no other trace: neither conversation has a record of the command.
    told = NewEntry("note", said, at_ns, {"by_command": said} if moving["source"] == "resume" else {})
    return remember(condition, moving=None, spans=spans, reported=moving.get("reported"), moved=at_ns), [told]


def _with_transcript(condition: Condition, path: str) -> Condition:
    if not path:
        return condition
    others = [each for each in condition.kind_state.get("transcripts", []) if Path(each).stem != Path(path).stem]
    return remember(condition, transcripts=[*others, path][-KEPT:])


def _of(record: Record) -> str:
    return record.file or str(record.line.get("sessionId") or "")
