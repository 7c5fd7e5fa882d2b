"""What stands before the line: who gets it, in which state, at what cost, in the cells that there are."""

from __future__ import annotations

from tmuxagents.chat.roster import Member, Roster
from tmuxagents.chat.shown import Piece, plain
from tmuxagents.output.widths import cut, width_of

_END = "> "
_LEAST = 8
"""Cells of a name at least."""


def prompt(member: Member | None, columns: int, *, only: str = "", gone: str = "") -> list[Piece]:
    """`agent-2 idle $0.03> `. At most half of the columns: what is typed needs the others. The cost goes first, then
    the state; a name is cut last. `gone` had it before, and was forgotten."""
    room = max(_LEAST + len(_END), columns // 2)
    if member is None:
        nobody = ("fail", f"{gone} gone") if gone else ("dim", f"nobody{only}")
        return [(nobody[0], cut(nobody[1], room - len(_END))), ("", _END)]
    cost = f" {_money(member.microusd)}" if member.microusd is not None else ""
    state = f" {_state(member)}"
    for beside in (f"{state}{cost}{only}", f"{state}{only}", state, ""):
        if width_of(member.name + beside + _END) <= room:
            return [(f"name:{member.color}", member.name), *_beside(member, beside), ("", _END)]
    return [(f"name:{member.color}", cut(member.name, room - len(_END))), ("", _END)]


def _beside(member: Member, text: str) -> list[Piece]:
    role = "call" if member.asked is not None else "fail" if member.state in ("failed", "lost") else "dim"
    return [(role, text)] if text else []


def _state(member: Member) -> str:
    return f"needs {member.asked.needs}" if member.asked is not None else member.state


def calls(roster: Roster, shown: str | None, columns: int) -> list[Piece]:
    """Who needs the reader besides the dialog that is drawn; nothing where nobody does."""
    others = [member.name for member in roster.waiting if member.asked is not None and member.asked.id != shown]
    if not others:
        return []
    words = f"{len(others)} more need you: {', '.join(others)}" if shown else f"need you: {', '.join(others)}"
    return [("call", cut(plain(words), columns))]


def _money(microusd: int) -> str:
    return f"${microusd / 1e6:.2f}" if microusd >= 100_000 else f"${microusd / 1e6:.4f}"
