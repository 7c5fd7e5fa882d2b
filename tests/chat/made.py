"""Agents of a chat, made for tests of what is decided about them."""

from __future__ import annotations

from tmuxagents.chat.roster import Asked, Member, Roster
from tmuxagents.model.condition import State
from tmuxagents.names import AgentId


def asked(
    id_: str = "d1", *, needs: str = "permission", what: str = "Bash(make)", beneath: tuple[str, ...] = ()
) -> Asked:
    """A dialog."""
    return Asked(id_, needs, what, beneath, "answer" if needs == "question" else "approve")


def member(
    name: str, state: State = "idle", since: int = 0, *, here: bool = True, dialog: Asked | None = None
) -> Member:
    """An agent whose id is its name."""
    return Member(AgentId(name), name, "waiting" if dialog else state, since, 1, 31_200, here, dialog)


def roster(*members: Member) -> Roster:
    """Those."""
    return Roster(members)
