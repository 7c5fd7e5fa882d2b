"""A dialog that somebody else settled first, between the reader's key and what came of it."""

from __future__ import annotations

from collections.abc import Iterable

from tmuxagents.chat.roster import Member
from tmuxagents.model.entry import Entry


def already(decisions: Iterable[Entry], member: Member) -> str | None:
    """`agent-2: already approved: Bash(make), by you on pts/18`, of what was decided since its dialog came up; None
    where that is not recorded."""
    asked = member.asked
    for entry in decisions if asked is not None else ():
        if asked is not None and entry.kind == "decision" and entry.detail.get("what") == asked.what:
            return f"{member.name}: already {entry.text}"
    return None
