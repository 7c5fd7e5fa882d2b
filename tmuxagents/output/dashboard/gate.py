"""Whether a key may settle the dialog that is drawn: only one that was there to be read, by a hand that rests."""

from __future__ import annotations

from tmuxagents.value import Value

SEEN_S = 0.5
"""So long a dialog must have been on the screen."""

QUIET_S = 1.0
"""So long no other key may have been pressed."""


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
        return "the dialog has changed: nothing was settled"
    if now_s - gate.since_s < SEEN_S:
        return "the dialog has only just come up: read it, and press again"
    if gate.key_s is not None and now_s - gate.key_s < QUIET_S:
        return "a key was pressed less than a second ago: press again"
    return None
