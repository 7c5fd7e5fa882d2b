"""How pieces are painted, as parameters of SGR: what can be read on black and on white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.output import hues
from tmuxagents.output.dashboard.pieces import Line, ascii_only

NAMED: Mapping[str, str] = {
    "calls": hues.CALLS,
    "fails": hues.FAILS,
    "stalls": hues.STALLS,
    "works": hues.WORKS,
    "unsure": hues.UNSURE,
    "dim": hues.FADES,
    "bold": "1",
    "head": "1;2",
    "bar": "7",
}


def sgr(look: str, *, color: bool = True) -> str:
    """Of a piece of that look; without colours what is left of it."""
    codes = hues.name(int(look.removeprefix("agent:"))) if look.startswith("agent:") else NAMED.get(look, "")
    if color or "38;5;" not in codes:
        return codes
    return codes.partition("38;5;")[0].rstrip(";")


def painted(lines: Sequence[Line], *, color: bool, unicode: bool) -> str:
    """The lines as a terminal shows them, from its first row on: before anything is there that draws."""

    def piece(text: str, look: str) -> str:
        shown, codes = text if unicode else ascii_only(text), sgr(look, color=color)
        return f"\x1b[{codes}m{shown}\x1b[0m" if codes else shown

    return "\x1b[H" + "\r\n".join("".join(piece(*each) for each in line) for line in lines)
