"""A pull request of an agent's branch: what is recorded of it, and what GitHub says of it at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tmuxagents.value import Value

Stage = Literal["open", "merged", "closed"]

Verdict = Literal["none", "pass", "fail", "pending", "stopped"]
"""`stopped`: cancelled, or waiting for a person's approval; `none`: there is no check."""

ROUNDS = 3
"""How often an agent is told what is wrong with its pull request, where nobody says another number."""


class Pull(Value):
    """`repo` is `HOST/OWNER/NAME`, and `pushed` the commit that we pushed last, when the journal had come to
    `pushed_seq`. `program` is the
    `gh` that is asked, `me` the account that it is logged in with.

    While it is `watched`, at most `rounds` prompts go to the agent, of which `told` have gone; `message` is the last of
    them. `others` counts the comments that did not go to it. `trouble` says why nothing could be learned at the last
    look, and `sign` what was seen at the last that went well.
    """

    url: str
    number: int
    repo: str
    branch: str
    pushed: str | None = None
    pushed_seq: int = 0
    program: str = ""
    me: str = ""
    watched: bool = False
    rounds: int = ROUNDS
    told: int = 0
    state: Stage = "open"
    checks: Verdict = "none"
    others: int = 0
    trouble: str | None = None
    paused: bool = False
    looked_ns: int | None = None
    next_ns: int = 0
    pause_s: float = 0.0
    message: int | None = None
    sign: str = ""


class Check(Value):
    """One check of the newest commit. `name` has its workflow, where it has one."""

    name: str
    verdict: Verdict
    said: str
    url: str
    at_ns: int | None


class Remark(Value):
    """Something that somebody wrote: a comment, a review, or a comment on a line. `place` says where, `association`
    what GitHub calls its author in that repository."""

    key: str
    author: str
    association: str
    text: str
    place: str
    at_ns: int
    url: str


class Seen(Value):
    """What GitHub says of a pull request now; `head` is its newest commit."""

    state: Stage
    head: str
    checks: Sequence[Check]
    remarks: Sequence[Remark]
