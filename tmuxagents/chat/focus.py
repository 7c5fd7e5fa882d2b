"""Who gets what is typed without a name: the most recently idle agent, until the reader chooses one."""

from __future__ import annotations

from tmuxagents.chat.roster import Member, Roster
from tmuxagents.names import AgentId
from tmuxagents.value import Value, replace

RESTS_S = 1.0
"""So long after a key it does not move by itself: the next key may be meant for whom the prompt named."""


class Focus(Value):
    """Whom it is on, and whether the reader chose that one. `name` is for when that one is forgotten."""

    on: AgentId | None = None
    chosen: bool = False
    name: str = ""


def moved_by_itself(focus: Focus, roster: Roster, *, text: str, key_s: float | None, now_s: float) -> Focus:
    """Where it is after the agents have changed. It stays while there is text in the line, or a key was pressed a
    moment ago, or who was chosen is still there."""
    if text or (key_s is not None and now_s - key_s < RESTS_S):
        return focus
    held = roster.by_id(focus.on)
    if focus.chosen and held is not None and held.is_there:
        return focus
    return _on(_idlest(roster, held))


def turned(focus: Focus, roster: Roster, step: int) -> Focus:
    """One on (`step` 1) or back (-1) among those who run."""
    there = roster.there
    if not there:
        return replace(focus, chosen=False)
    ids = [member.id for member in there]
    at = ids.index(focus.on) + step if focus.on in ids else (0 if step > 0 else -1)
    return replace(_on(there[at % len(there)]), chosen=True)


def _on(member: Member | None) -> Focus:
    return Focus(member.id, name=member.name) if member is not None else Focus()


def _idlest(roster: Roster, held: Member | None) -> Member | None:
    """Who became idle last; where nobody is idle it stays with who runs, else with who came last."""
    idle = [member for member in roster.there if member.state == "idle"]
    if idle:
        return max(idle, key=lambda member: member.since_ns)
    if held is not None and held.is_there:
        return held
    return roster.there[-1] if roster.there else None
