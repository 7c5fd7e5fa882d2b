"""What of a pull request an agent is told, and when it is looked at again: pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tmuxagents import clock
from tmuxagents.model.pull import Check, Pull, Remark, Seen, Verdict

STANDS_S = 600.0
"""A failure is told when every check has ended, or when it is so old: some wait for a person for ever."""

MARGIN_S = 30.0
"""How far two clocks, and a comment and the turn that it was written in, may be apart."""

QUIET, FAILING = 5.0, 15.0
"""How many times the usual pause the longest is: where nothing changes, and where nothing can be learned."""

_MAY_ASK = frozenset(("OWNER", "MEMBER", "COLLABORATOR"))
"""What GitHub calls those among whom somebody may write. A member, or a collaborator, may also only read."""

_WRITES = frozenset(("admin", "maintain", "write"))

_ORDER: Sequence[Verdict] = ("fail", "pending", "stopped", "pass")


def verdict(checks: Sequence[Check]) -> Verdict:
    """What they come to together."""
    found = {check.verdict for check in checks}
    return next((one for one in _ORDER if one in found), "none")


def key(seen: Seen, check: Check) -> str:
    """Under which a failure is told once: that check of that commit, however often it is run again."""
    return f"check:{seen.head}:{check.name}"


def failures(seen: Seen, known: Collection[str], now_ns: int) -> list[Check]:
    """The failing checks that are to be told now, all at once."""
    failing = [check for check in seen.checks if check.verdict == "fail"]
    old = any(check.at_ns is not None and check.at_ns < now_ns - STANDS_S * clock.SECOND for check in failing)
    if not old and any(check.verdict == "pending" for check in seen.checks):
        return []
    return [check for check in failing if key(seen, check) not in known]


def remarks(seen: Seen, known: Collection[str]) -> list[Remark]:
    """Those that nobody has judged yet, the oldest first."""
    return sorted((one for one in seen.remarks if one.key not in known), key=lambda one: (one.at_ns, one.key))


def may_be_asked(remark: Remark) -> bool:
    """Whether its author may have write access: whoever else writes there has none."""
    return remark.association in _MAY_ASK


def may_write(remark: Remark, permission: str | None) -> bool:
    """Whether its author has write access. `permission` is GitHub's word; None where it is not told to us, and then
    only the owner is known to have it."""
    return remark.association == "OWNER" if permission is None else permission in _WRITES


def is_own(remark: Remark, me: str, turns: Sequence[tuple[int, str]]) -> bool:
    """Whether the agent may have written it: by the account that `gh` is logged in with, in a turn of the agent's or
    near one. `turns` are the moments at which its state changed and what it became, the oldest first."""
    if remark.author.lower() != me.lower():
        return False
    margin = round(MARGIN_S * clock.SECOND)
    begin, end = remark.at_ns - margin, remark.at_ns + margin
    before = [state for at_ns, state in turns if at_ns <= begin]
    near = [state for at_ns, state in turns if begin < at_ns <= end]
    # What is not known of the time before may have been a turn.
    return any(state not in _RESTS for state in [before[-1] if before else "unknown", *near])


_RESTS = frozenset(("idle", "limited", "ended", "failed", "lost"))


def pause_s(pull: Pull, every_s: float, *, moves: bool) -> float:
    """How long until the next look: the usual time where something `moves`, ever longer where nothing does."""
    return every_s if moves else min(QUIET * every_s, max(every_s, 2 * pull.pause_s))


def failing_pause_s(pull: Pull, every_s: float) -> float:
    """The same after a look that failed."""
    return min(FAILING * every_s, max(every_s, 2 * pull.pause_s))
