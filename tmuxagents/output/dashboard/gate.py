"""Whether a key may settle the dialog that is drawn: only one that was there to be read, by a hand that rests."""

from __future__ import annotations

from tmuxagents.model import settling_key
from tmuxagents.value import Value, replace


class Gate(Value):
    """Which dialog is drawn, of which agent, since when unbroken, and whether all of it was on the screen by now;
    when a key was pressed last, a letter that is no move: a hand that writes, and Enter at the end of a line."""

    agent: str | None = None
    dialog: str | None = None
    since_s: float = 0.0
    whole: bool = False
    key_s: float | None = None
    letter_s: float | None = None
    line_s: float | None = None


def drawn(gate: Gate, agent: str | None, dialog: str | None, now_s: float, *, whole: bool = True) -> Gate:
    """After a drawing that shows this dialog, to its end or not, or none. What was read to its end stays read."""
    same = (gate.agent, gate.dialog) == (agent, dialog)
    if same and (gate.whole or not whole):
        return gate
    return replace(gate, agent=agent, dialog=dialog, since_s=now_s, whole=whole)


def pressed(gate: Gate, now_s: float, *, letter: bool = False) -> Gate:
    """After a key, whichever."""
    return replace(gate, key_s=now_s, letter_s=now_s if letter else gate.letter_s, line_s=None)


def writes(gate: Gate, now_s: float) -> str | None:
    """Why a key that is pressed now does nothing to an agent: it may be one of a word that somebody believes to be
    writing into a line. Keys that move, and those of a line, are none."""
    return settling_key.hurried(gate.letter_s, now_s)


def entered(gate: Gate, now_s: float) -> Gate:
    """After an Enter that ended a line, or came too soon behind that."""
    return replace(gate, line_s=now_s)


def attaches(gate: Gate, now_s: float) -> str | None:
    """Why an Enter attaches to nobody: it may be the second of one that ended a line, and the next be a dialog's."""
    return settling_key.hurried(gate.line_s, now_s)


def refused(gate: Gate, agent: str, dialog: str | None, now_s: float, *, no: bool = False) -> str | None:
    """Why a key that is pressed now settles nothing; None where it may settle that dialog of that agent. What is
    first is the remedy: a narrow terminal shows no more. `no` may be said to what was not read to its end."""
    if dialog is None:
        return "it waits for nothing that a key settles"
    if gate.dialog is None:
        return "space shows it: a dialog has to be on the screen first"
    if (gate.agent, gate.dialog) != (agent, dialog):
        return settling_key.CHANGED
    if not (gate.whole or no):
        return "PgDn reads on: all of the dialog has to be on the screen first"
    return settling_key.too_new(gate.since_s, now_s) or hurried(gate, now_s)


def hurried(gate: Gate, now_s: float) -> str | None:
    """Why no key counts now that acts; None where the last one was pressed long enough ago."""
    return settling_key.hurried(gate.key_s, now_s)
