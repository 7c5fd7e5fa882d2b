"""What the end of an agent's program means, the same for every kind."""

from __future__ import annotations

import signal

from tmuxagents.errors import RESUME
from tmuxagents.kinds import setting_up
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Exit
from tmuxagents.value import replace


def observe(condition: Condition, exit_: Exit, *, asked: bool) -> tuple[Condition, list[NewEntry]]:
    """`ended` with its code when it went by itself or was `asked` to stop, `failed` when it did not, or when its time
    limit ended it.

    A program that is gone with its window is `lost`.
    """
    if exit_.gone and not asked:
        if condition.state == "lost":
            return condition, []
        lost = replace(
            condition,
            state="lost",
            since_ns=exit_.at_ns,
            evidence="its window is gone",
            dialog=None,
            reason=f"its window is gone; {RESUME}",
            ending="",
            set_up="",
        )
        return lost, [NewEntry("exit", f"lost: its window is gone; {RESUME}", exit_.at_ns)]
    words = how(exit_.code, exit_.signal)
    # A time limit ends it on request too, and leaves undone what it was for.
    good = (exit_.code == 0 or asked) and not condition.ending
    told = f"exit {words}" if words.isdecimal() else words
    told = f"{setting_up.words(condition)}: {told}" if condition.set_up else told
    said = "" if good or _says_the_signal(exit_) or setting_up.says_nothing(condition, exit_.said) else exit_.said
    over = replace(
        condition,
        state="ended" if good else "failed",
        since_ns=exit_.at_ns,
        evidence=f"exit record: {words}",
        dialog=None,
        reason=condition.ending or (None if good and exit_.code == 0 else ": ".join(filter(None, (told, said)))),
        exit_code=exit_.code,
        ending="",
        set_up="",
    )
    about = condition.ending or ("" if good and exit_.code == 0 else told)
    text = over.state + (f" ({about})" if about else "") + (f": {said}" if said else "")
    return over, [NewEntry("exit", text, exit_.at_ns, {"code": exit_.code})]


def how(code: int | None, by_signal: int | None) -> str:
    """`0`, `3`, or `killed by SIGKILL`."""
    if by_signal is None:
        return str(code) if code is not None else "it left no exit status"
    try:
        return f"killed by {signal.Signals(by_signal).name}"
    except ValueError:
        return f"killed by signal {by_signal}"


def _says_the_signal(exit_: Exit) -> bool:
    """Whether its last words are the shell's own for that signal: `Terminated`, `Aborted (core dumped)`."""
    if exit_.signal is None or not 0 < exit_.signal < signal.NSIG:
        return False
    return exit_.said.partition(" (")[0] == signal.strsignal(exit_.signal)


def signal_of(code: int) -> int | None:
    """The signal behind a shell's exit status: 128 + N by convention."""
    return code - 128 if 128 < code <= 192 else None
