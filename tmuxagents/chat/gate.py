"""Whether a key may settle the dialog that is drawn: only one that was read, by a hand that is not typing."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents.model import settling_key
from tmuxagents.value import Value, fresh, replace


class Drawn(Value):
    """The dialogs on the screen, by their ids, each with the moment since which it is there without a break."""

    since: Mapping[str, float] = fresh(default_factory=dict)


def drawn(before: Drawn, ids: list[str], now_s: float) -> Drawn:
    """After a drawing that shows these dialogs."""
    return replace(before, since={each: before.since.get(each, now_s) for each in ids})


def refused(
    wanted: str | None, seen: Drawn, *, stands: str | None, text: str, key_s: float | None, now_s: float
) -> str | None:
    """Why the key settles nothing; None where it may settle the dialog `wanted`, which is drawn. `stands` is the one
    that is known to stand there now, `text` what is in the line, `key_s` when another key was pressed last."""
    if wanted is None:
        return "no dialog is shown here"
    if text:
        return "there is text in the line: nothing was settled"
    return settling_key.hurried(key_s, now_s) or unread(wanted, seen, stands=stands, now_s=now_s)


def unread(wanted: str | None, seen: Drawn, *, stands: str | None, now_s: float) -> str | None:
    """Why a line that was typed (`/approve`) may not settle that dialog: it has changed, or is too new to be read."""
    if wanted is None or stands != wanted:
        return settling_key.CHANGED
    return settling_key.too_new(seen.since.get(wanted), now_s)
