"""Whether a key may settle the dialog that is drawn: only one that was read, by a hand that is not typing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tmuxagents.chat.roster import Asked
from tmuxagents.model import settling_key
from tmuxagents.value import Value, fresh, replace


class Drawn(Value):
    """The dialogs on the screen, by their ids, each with the moment since which it is there without a break. `whole`
    are those of which all was shown once, to its last row, and when."""

    since: Mapping[str, float] = fresh(default_factory=dict)
    whole: Mapping[str, float] = fresh(default_factory=dict)


def drawn(before: Drawn, ids: list[str], now_s: float, whole: Collection[str] = ()) -> Drawn:
    """After a drawing that shows these dialogs, those in `whole` to the last row."""
    new = {each: now_s for each in whole if each not in before.whole}
    return replace(
        before,
        since={each: before.since.get(each, now_s) for each in ids},
        whole={**before.whole, **new} if new else before.whole,
    )


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


def unshown(asked: Asked, name: str, seen: Drawn, now_s: float) -> str | None:
    """Why a key may not say yes to it: not all that it asks was on the screen."""
    if not asked.whole:
        return f"it is longer than what is shown here: /attach {name}, or /approve {name}"
    if asked.id not in seen.whole:
        return "not all of it was on the screen: F2 shows all of it"
    return settling_key.too_new(seen.whole[asked.id], now_s)


def unmeant(asked: Asked, bound: Collection[str] | None) -> str | None:
    """Why a line that was begun while those dialogs stood there (None: nobody knows) does not mean this one."""
    if bound is None or asked.id in bound:
        return None
    return "its dialog came up after this line was begun: read it, and type the line again"
