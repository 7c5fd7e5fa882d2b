"""What a look at an agent's screen says about where typed text would go."""

from __future__ import annotations

from tmuxagents.model.condition import Dialog
from tmuxagents.value import Value


class Reading(Value):
    """`draft` is the text in the input box: None when there is no box, "" when it is empty.

    A dialog and a box never show together; with neither, nothing may be typed.
    `menu` are the program's own commands that it offers under its box, best first, each with its other
    names; None when it offers none, () when it says that there is no such command.
    `away`: it says that it was suspended at its keyboard, where no shell takes it back; the kernel calls it running.
    `notice` is a line that explains why it is slow (an API error being retried).
    """

    draft: str | None = None
    dialog: Dialog | None = None
    notice: str | None = None
    tail: tuple[str, ...] = ()
    menu: tuple[tuple[str, ...], ...] | None = None
    away: bool = False
