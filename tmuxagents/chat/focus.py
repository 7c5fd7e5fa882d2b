"""Who gets what is typed without a name: the most recently idle agent, until the reader chooses one."""

from __future__ import annotations

from tmuxagents.chat.roster import Member, Roster
from tmuxagents.names import AgentId
from tmuxagents.value import Value, replace

RESTS_S = 1.0
"""So long after a key it does not move by itself: the next key may be meant for whom the prompt named."""


class Focus(Value):
    """Whom it is on, and whether the reader chose that one."""

    on: AgentId | None = None
    chosen: bool = False


def moved_by_itself(focus: Focus, roster: Roster, *, text: str, key_s: float | None, now_s: float) -> Focus:
    """Where it is after the agents have changed. It stays while there is text in the line, or a key was pressed a
    moment ago, or who was chosen is still there."""
    if text or (key_s is not None and now_s - key_s < RESTS_S):
        return focus
    held = roster.by_id(focus.on)
    if focus.chosen and held is not None and held.is_there:
        return focus
    return Focus(on=_idlest(roster, held))


def turned(focus: Focus, roster: Roster, step: int) -> Focus:
    """One on (`step` 1) or back (-1) among those who run."""
    there = [member.id for member in roster.there]
    if not there:
        return replace(focus, chosen=False)
    at = there.index(focus.on) + step if focus.on in there else (0 if step > 0 else -1)
    return Focus(on=there[at % len(there)], chosen=True)


def _idlest(roster: Roster, held: Member | None) -> AgentId | None:
    """Who became idle last; where nobody is idle it stays with who runs, else with who came last."""
    idle = [member for member in roster.there if member.state == "idle"]
    if idle:
        return max(idle, key=lambda member: member.since_ns).id
    if held is not None and held.is_there:
        return held.id
    return roster.there[-1].id if roster.there else None
