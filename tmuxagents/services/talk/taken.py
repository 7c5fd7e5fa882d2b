"""What its program's own record says became of an answer to a request: pure.

A yes is told only where that very request is told to have been granted (a decision of ours that was recorded, its tool
ran), a no where it is told to have been refused. What is told the other way round somebody else did at the keyboard.
An error alone tells neither, whatever was on the screen meanwhile.
"""

from __future__ import annotations

from typing import Literal

from tmuxagents.model.condition import Request
from tmuxagents.value import Value

Became = Literal["settled", "unconfirmed", "approved", "refused"]


class Taken(Value):
    """`settled`: it was taken. `approved`, `refused`: at the keyboard, and what was chosen was something else."""

    word: Became
    evidence: str


def by_record(now: Request, *, allow: bool) -> Taken | None:
    """What the transcript says of an answer on the pipe of its hook; None while it does not."""
    if now.decided == ("allow" if allow else "deny"):
        by_reason = now.ended == "refused" and now.reason
        return Taken("settled", now.by if by_reason else "transcript hook_permission_decision")
    if now.ended == "refused":
        return Taken("refused", now.by) if allow else Taken("settled", "transcript: refused")
    by_transcript = now.ended in ("ran", "failed") and now.is_granted and now.by.startswith("transcript")
    # Of the main thread both versions record whose answer was taken.
    if by_transcript and (not allow or (now.thread is None and not now.decided)):
        return Taken("approved", now.by)
    return None


def by_end(now: Request, *, allow: bool, person: bool) -> Taken:
    """What its end says where no record names the answer: 2.1.197 writes none for a subagent. `person`: somebody has
    typed there since it was answered."""
    if not now.is_granted:
        return Taken("unconfirmed", f"{now.by}; whether it was granted is not told")
    if not allow:
        return Taken("approved", now.by)
    return Taken("unconfirmed", f"{now.by}, and somebody typed there") if person else Taken("settled", now.by)


def by_keys(now: Request, *, allow: bool) -> Taken:
    """What its end says of keys that were pressed in its dialog."""
    if now.ended == "refused":
        return Taken("refused" if allow else "settled", now.by)
    if now.is_granted:
        return Taken("settled" if allow else "approved", now.by)
    return Taken("unconfirmed", f"{now.by}; whether it was granted is not told")
