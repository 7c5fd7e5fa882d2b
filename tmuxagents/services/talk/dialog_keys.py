"""Choose in a dialog by its keys: a conversation that presses only while that very dialog is shown.

For dialogs that take no other answer: those that no hook announces (a folder's trust, servers, a
picker), and those whose hook has gone. Each key goes out in the step in which tmux finds all rows that
identify the dialog. A digit decides at once and is pressed once, whatever is seen afterwards: the next
dialog may look the same. Then only the program's own word tells the two apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tmuxagents.kinds.choices import same
from tmuxagents.kinds.guard import guard
from tmuxagents.model.condition import Dialog
from tmuxagents.services.talk.steps import Keep, Press, Seen, Talk, act, claim, hear_end, look, typed_since
from tmuxagents.value import Value

STOOD_S = 0.4
"""How long a dialog must have been seen before a key goes out. 2.1.330 takes no key in a dialog's first 0.15 s
(0 of 12 within 0.1 s of its drawing, 18 of 18 from 0.2 s on), and a key that is lost is not pressed again."""

GONE_S = 3.0
"""How long a dialog may take to go after the key that settles it."""

MOVED_S = 1.0
"""How long the pointer may take to move."""

STRAY_S = 1.0
"""How long a key that went into an input box instead may take to show."""

EVERY_S = 0.03

_DIGITS = 9

How = Literal["gone", "told", "stands", "stuck", "changed", "strayed", "unknown", "ended", "over"]


class Outcome(Value):
    """What was seen after the keys.

    `gone`: this dialog is no longer shown. `told`: one just like it is, and the program has told that this one was
    settled. `stands`: it, or one just like it, is still there. `stuck`: the
    pointer or a tick did not follow, nothing was settled. `changed`: it was not there to
    be pressed, nothing was settled. `strayed`: it had gone already and the key stood in the input box,
    from where it was deleted. `unknown`: it is not understood well enough to press anything. `ended`: the
    program has ended behind the key, `over`: before it. `person` says that somebody typed
    there meanwhile. `next` is the dialog now.
    """

    how: How
    person: bool = False
    next: Dialog | None = None


def choose(dialog: Dialog, wanted: Sequence[int], first: Seen, footer: str) -> Talk[Outcome]:
    """Choose that entry; in a form with ticks have just these ticked, and submit. `first` is the look that
    showed the dialog, `footer` what shows any dialog of that program (`Kind.FOOTER`)."""
    if dialog.form in ("unknown", "panel", "text") or not guard(dialog):
        return Outcome("unknown", next=dialog)
    gone = yield from _stood(dialog, first)
    if gone is not None:
        return gone
    if dialog.form == "ticks":
        return (yield from _tick(dialog, frozenset(wanted), first, footer))
    (index,) = wanted
    if dialog.numbered and index < _DIGITS:
        return (yield from _decide(dialog, str(index + 1), guard(dialog), first, footer))
    return (yield from _point_and(dialog, index, "Enter", first, footer))


def cancel(dialog: Dialog, key: str, first: Seen, footer: str, leave: str = "") -> Talk[Outcome]:
    """Leave the dialog by its own key for that. What has no choices is left only while its last row, `leave`
    (`Kind.LEAVE`), says that the key does so."""
    only = guard(dialog)
    if not only or (not dialog.choices and not leave):
        return Outcome("unknown", next=dialog)
    gone = yield from _stood(dialog, first)
    if gone is not None:
        return gone
    return (yield from _decide(dialog, key, only if dialog.choices else (*only, leave), first, footer))


def _stood(dialog: Dialog, first: Seen) -> Talk[Outcome | None]:
    """None when the dialog, seen a moment ago, is still shown."""
    now = yield from look(STOOD_S)
    if now.ended:
        return Outcome("over")
    if not same(now.reading.dialog, dialog):
        return Outcome("changed", typed_since(now, first.at), now.reading.dialog)
    return None


def _decide(dialog: Dialog, key: str, only: tuple[str, ...], first: Seen, footer: str) -> Talk[Outcome]:
    if not (yield from claim()):
        now = yield from look()
        return Outcome("over" if now.ended else "changed", typed_since(now, first.at), now.reading.dialog)
    done = yield from act(Press((key,), only=only))
    if done != "done":
        yield from claim(undone=True)
    if done == "ended":
        return Outcome("over")
    if done == "held back":
        now = yield from look()
        return Outcome("over" if now.ended else "changed", typed_since(now, first.at), now.reading.dialog)
    return (yield from _after(dialog, key, first, footer))


def _after(dialog: Dialog, key: str, first: Seen, footer: str) -> Talk[Outcome]:
    """What became of a key that was pressed; no other is, but to delete it from an input box."""
    now = yield from look()
    began = now.at
    while now.at - began < GONE_S:
        person = typed_since(now, first.at)
        if now.ended:
            return Outcome("ended", person)
        if now.reading.draft == key:
            yield from claim(undone=True)
            yield Keep(key)
            yield from act(Press(("BSpace",), unless=footer))
            return Outcome("strayed", person)
        if not same(now.reading.dialog, dialog):
            return Outcome("gone", person, now.reading.dialog)
        if (yield from hear_end()):
            return Outcome("told", person, now.reading.dialog)
        now = yield from look(EVERY_S)
    return Outcome("stands", typed_since(now, first.at), now.reading.dialog)


def _point_and(dialog: Dialog, index: int | None, key: str, first: Seen, footer: str) -> Talk[Outcome]:
    """Move the pointer to an entry (None: to the row that submits), then press the key that decides."""
    moved = yield from _point(dialog, index, first)
    if moved is not None:
        return moved
    only = guard(dialog) if index is None else guard(dialog, pointed=index)
    return (yield from _decide(dialog, key, only, first, footer))


def _point(dialog: Dialog, index: int | None, first: Seen) -> Talk[Outcome | None]:
    """None when the pointer stands there; it is moved one key and one look at a time."""
    for _ in range(2 * len(dialog.choices) + 4):
        now = yield from look()
        if now.ended:
            return Outcome("over")
        if not same(now.reading.dialog, dialog) or now.reading.dialog is None:
            return Outcome("changed", typed_since(now, first.at), now.reading.dialog)
        at = now.reading.dialog.preselected
        if at == index:
            return None
        here, there = (len(dialog.choices) if each is None else each for each in (at, index))
        done = yield from act(Press(("Down" if here < there else "Up",), only=guard(dialog)))
        if done != "done":
            return Outcome("over" if done == "ended" else "changed", next=dialog)
        yield from _until_moved(at)
    return Outcome("stuck", next=dialog)


def _until_moved(at: int | None) -> Talk[None]:
    now = yield from look()
    began = now.at
    while now.at - began < MOVED_S:
        if now.ended or now.reading.dialog is None or now.reading.dialog.preselected != at:
            return
        now = yield from look(EVERY_S)


def _tick(dialog: Dialog, wanted: frozenset[int], first: Seen, footer: str) -> Talk[Outcome]:
    """Have just the wanted entries ticked, each seen to change, then submit the whole."""
    ticks = dialog.ticks
    for index in range(len(ticks)):
        if ticks[index] == (index in wanted):
            continue
        moved = yield from _point(dialog, index, first)
        if moved is not None:
            return moved
        done = yield from act(Press(("Space",), only=guard(dialog, pointed=index)))
        if done != "done":
            return Outcome("over" if done == "ended" else "changed", next=dialog)
        now = yield from _until_ticked(dialog, index, index in wanted)
        if now is None:
            return Outcome("stuck", next=dialog)
    now = yield from look()
    shown = now.reading.dialog
    if not same(shown, dialog) or shown is None:
        return Outcome("changed", typed_since(now, first.at), shown)
    if [i for i, ticked in enumerate(shown.ticks) if ticked] != sorted(wanted):
        # Somebody else ticks too: what would be submitted is not what was asked for.
        return Outcome("stuck", typed_since(now, first.at), shown)
    if dialog.submit is None:
        return (yield from _decide(dialog, "Enter", guard(dialog), first, footer))
    return (yield from _point_and(dialog, None, "Enter", first, footer))


def _until_ticked(dialog: Dialog, index: int, ticked: bool) -> Talk[Seen | None]:
    now = yield from look()
    began = now.at
    while now.at - began < MOVED_S:
        shown = now.reading.dialog
        if shown is not None and same(shown, dialog) and shown.ticks[index : index + 1] == (ticked,):
            return now
        if now.ended or not same(shown, dialog):
            return None
        now = yield from look(EVERY_S)
    return None
