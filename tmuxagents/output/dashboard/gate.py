"""Whether a key may settle the dialog that is drawn: only one that was there to be read, by a hand that rests."""

from __future__ import annotations

from tmuxagents.model import settling_key
from tmuxagents.value import Value


class Gate(Value):
    """Which dialog is drawn, of which agent, since when without a break; when a key was pressed last."""

    agent: str | None = None
    dialog: str | None = None
    since_s: float = 0.0
    key_s: float | None = None


def drawn(gate: Gate, agent: str | None, dialog: str | None, now_s: float) -> Gate:
    """After a drawing that shows this dialog whole, or none."""
    if (gate.agent, gate.dialog) == (agent, dialog):
        return gate
    return Gate(agent, dialog, now_s, gate.key_s)


def pressed(gate: Gate, now_s: float) -> Gate:
    """After a key, whichever."""
    return Gate(gate.agent, gate.dialog, gate.since_s, now_s)


def refused(gate: Gate, agent: str, dialog: str | None, now_s: float) -> str | None:
    """Why a key that is pressed now settles nothing; None where it may settle that dialog of that agent."""
    if dialog is None:
        return "it waits for nothing that a key settles"
    if gate.dialog is None:
        return "all of the dialog has to be on the screen first: space, then PgDn"
    if (gate.agent, gate.dialog) != (agent, dialog):
        return settling_key.CHANGED
    return settling_key.too_new(gate.since_s, now_s) or settling_key.hurried(gate.key_s, now_s)
