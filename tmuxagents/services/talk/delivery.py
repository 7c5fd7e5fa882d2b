"""Deliver a text: a conversation that ends in a verdict.

The order is fixed: look, refuse in front of a dialog, empty the input box, paste, look until the box
shows the text, press Enter only where no dialog shows (tmux checks that itself in the same step),
then wait for the agent's own evidence. Enter is pressed again only while the text is in the box.

A program that does not read or draw (suspended, hung) is sent nothing more: what piles up in its terminal is
read in one piece later, where keys count as text (2.1.197) and two pastes are one prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from tmuxagents.kinds import prompts
from tmuxagents.kinds.base import Kind
from tmuxagents.kinds.choices import same
from tmuxagents.kinds.guard import guard
from tmuxagents.model.condition import Dialog
from tmuxagents.services.talk.steps import (
    Done,
    Enlarge,
    GiveBack,
    Heard,
    Keep,
    Look,
    Note,
    Paste,
    Press,
    Seen,
    Talk,
    act,
    hear,
    look,
    typed_within,
)
from tmuxagents.value import Value, replace

Word = Literal["submitted", "queued", "held", "refused", "unconfirmed", "gone"]

GOOD: frozenset[str] = frozenset({"submitted", "queued", "held"})

READY_S = 20.0
"""How long an agent that is starting may take to show its input box."""

BOX_S = 1.5
"""The same for one that has shown it before."""

ARRIVE_S = 3.0
"""How long a pasted text may take to appear in the box."""

PICTURE_S = 10.0
"""The same for one that ends in a picture's path: the picture is read before anything is shown."""

FIRST_RETRY_S = 1.0

DRAFT_S = 0.15
"""How long a draft must stand still in the box before it is taken for one."""

LAST_PROMPT_S = 1.5
"""The same for a draft that is the prompt submitted last."""

STEADY_S = 0.1
"""How long a part of a text must stand still before it is taken for all that fits the screen."""

STRAY_S = 0.5
"""How long something else must stand in the box before it is taken for what became of the text."""

MENU_S = 0.8
"""How long the program's menu may take to show a command."""

MENU_STEADY_S = 0.3
"""How long a menu without the command must stand still: it is drawn in steps."""

PANEL_S = 0.25
"""How often a command is looked after: it may open a panel and say nothing else."""

PANEL_STILL_S = 0.5
"""How long a panel must stand as it is before it is taken for one that is left open: `/resume ID` shows one while it
loads, and Escape would cancel that (seen on 2.1.197 on a busy machine)."""

PANEL_WORKS_S = 3.0
"""The same for a command with arguments, which is to do something."""

LEFT_S = 3.0
"""How long a panel may take to go after Escape."""

ROOM = (72, 20)
"""Columns and rows under which a screen is not read as it is."""

ENLARGED_S = 1.0
"""How long the program may take to draw itself anew in a larger window."""

EVERY_S = 0.02

SOON_S, SELDOM_S = 0.3, 0.06
"""What has not come so soon is looked for more seldom: a look costs 3 ms of a processor."""

CLEARED_S = 0.3
"""How long the box may take to show that a row was deleted."""

READ_S = 3.0
"""How long what was typed may take to be read by a program that is busy."""

DRAWN_S = 1.0
"""How long what was read late may take to be drawn (over 0.15 s on 2.1.330 on a busy machine). Nothing may be: what
tmux answers to a program's question is read by it like keys."""


_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp)\W*$", re.IGNORECASE | re.MULTILINE)


class Verdict(Value):
    """What became of a text, and what says so. `mark` is the journal's place before it was sent.

    `never` says that the same text will be refused again, whatever the agent does meanwhile. `unsent`: it was
    pasted and Enter was not pressed, so it is sure that the agent has not got it by us. `trouble` is what kept the
    agent's own word from being read.
    """

    word: Word
    evidence: str
    ms: int = 0
    mark: int = 0
    digest: str = ""
    dialog: Dialog | None = None
    never: bool = False
    hint: str = ""
    unsent: bool = False
    trouble: str = ""


class Order(Value):
    """What is to be delivered, to which program, and how long to be patient.

    `typed` is what is pasted. `last` is the digest of the prompt that was submitted last.
    `known` is the dialog that the agent's hooks have told of. `idle` says that no turn runs.
    `command` is the program's own command that the text runs, None for a prompt.
    """

    typed: str
    kind: Kind
    name: str
    box_s: float = READY_S
    confirm_s: float = 10.0
    draft_patience_s: float = 30.0
    last: str = ""
    known: Dialog | None = None
    idle: bool = True
    command: str | None = None


def deliver(order: Order) -> Talk[Verdict]:
    """The whole of it. A verdict `held` means that a person is typing there: nothing was touched."""
    seen = yield from look()
    if (not is_small(seen) and not _cuts_panels(order, seen)) or seen.suspended is not None:
        return (yield from _deliver(order, seen))
    # There a box is taller than the screen, a menu is cut off, and a dialog looks like anything.
    if _person(order, seen) and seen.reading.dialog is None and seen.reading.draft != "":
        return Verdict("held", "a person is typing there, or has just left")
    yield Enlarge()
    seen = yield from _until(lambda now: not is_small(now) and _is_open(now), ENLARGED_S)
    verdict = yield from _deliver(order, seen)
    yield GiveBack()
    return verdict


def is_small(seen: Seen) -> bool:
    """Whether what is on the screen cannot be told for want of room."""
    return seen.width < ROOM[0] or seen.height < ROOM[1]


def _cuts_panels(order: Order, seen: Seen) -> bool:
    """Whether the top of a panel is not on the screen, or would not be: without it none is left. The longest that
    opens over the input box has 25 rows in 80 columns."""
    panel = seen.reading.dialog
    opens_over_the_box = order.command is not None and not order.idle
    return (panel is not None and panel.form == "panel" and panel.cut) or (opens_over_the_box and seen.height < 40)


def _deliver(order: Order, seen: Seen) -> Talk[Verdict]:
    seen = yield from _box(order, seen)
    if seen.unread:
        seen = yield from read(seen)
    if is_left_open(seen) and not _person(order, seen) and not seen.stuck:
        seen = yield from leave_open(order.kind, seen)
        seen = yield from _box(order, seen)
    if (verdict := _closed(order, seen)) is not None:
        return verdict
    if seen.reading.draft and (verdict := (yield from _clear(order, seen))) is not None:
        return verdict
    return (yield from (_send(order) if order.command is None else _send_command(order, order.command)))


def _box(order: Order, seen: Seen) -> Talk[Seen]:
    """The screen once it shows an input box or a dialog, its draft standing still; the last one seen
    when it never does."""
    if not _is_open(seen) and seen.suspended is None:
        seen = yield from _until(_is_open, order.box_s)
    draft = seen.reading.draft
    if not draft:
        return seen
    # The prompt that was submitted last is still drawn for some milliseconds after its hook, under
    # load for half a second.
    patience = LAST_PROMPT_S if order.last and prompts.digest(draft) == order.last else DRAFT_S
    return (yield from _until(lambda now: _is_open(now) and now.reading.draft != draft, patience))


def read(seen: Seen) -> Talk[Seen]:
    """The screen once the program has read what was typed there before, and drawn it; else the last look."""
    seen = yield from _until(lambda now: not now.unread, READ_S)
    if seen.stuck or seen.reading.draft:
        return seen
    return (yield from _until(lambda now: bool(now.reading.draft) or now.reading.dialog is not None, DRAWN_S))


def _until(fact: Callable[[Seen], bool], within: float, *, after: float = EVERY_S) -> Talk[Seen]:
    """The first look of which the fact holds, or at a program that has ended or is suspended; else the last one."""
    seen = yield from look(after)
    began = seen.at
    while not fact(seen) and not seen.ended and seen.suspended is None and seen.at < began + within:
        seen = yield from look(EVERY_S if seen.at < began + SOON_S else SELDOM_S)
    return seen


def _is_open(seen: Seen) -> bool:
    return seen.reading.dialog is not None or seen.reading.draft is not None


def _closed(order: Order, seen: Seen) -> Verdict | None:
    """Why nothing can be typed there; None when it can."""
    if seen.ended:
        return Verdict("gone", "its program has ended")
    if seen.suspended is not None:
        return Verdict("refused", why_stuck(seen), hint=way_on(seen))
    if seen.reading.dialog is not None:
        return _refused(order, seen.reading.dialog)
    if seen.unread:
        return Verdict("refused", why_stuck(seen))
    return Verdict("refused", "its screen shows no input box") if seen.reading.draft is None else None


def why_stuck(seen: Seen) -> str:
    """Why nothing more is typed there."""
    if seen.suspended is not None:
        return f"its program ({seen.suspended}) is suspended"
    return "its program does not read its terminal"


def way_on(seen: Seen) -> str:
    """What to type so that its program reads again; "" where nothing is known to help."""
    return f"kill -CONT {seen.suspended}" if seen.suspended is not None else ""


def _refused(order: Order, dialog: Dialog) -> Verdict:
    known = order.known
    shown = dialog if known is None else replace(dialog, needs=known.needs, what=known.what or dialog.what)
    return Verdict("refused", f"a dialog is open: {shown.what}", dialog=shown)


def _clear(order: Order, seen: Seen) -> Talk[Verdict | None]:
    """Keep what stands in the box and delete it; hold back from what a person is typing."""
    if _person(order, seen):
        return Verdict("held", "a person is typing there, or has just left")
    yield Keep(seen.reading.draft or "")
    return (yield from _empty(order, seen))


def _person(order: Order, seen: Seen) -> bool:
    return typed_within(seen, order.draft_patience_s)


def _empty(order: Order, seen: Seen) -> Talk[Verdict | None]:
    """Delete what stands in the box; None when it is empty."""
    idle = 0
    # One key deletes to the start (or end) of a row, a second one joins it with its neighbour.
    while idle < 12:
        draft = seen.reading.draft
        done, looked = yield from unless_dialog(order.kind, Press((*order.kind.CLEAR.split(),) * 2))
        if done != "done":
            return _closed(order, looked) or Verdict("refused", "its input box cannot be emptied")
        seen = yield from _until(lambda now: now.reading.draft == "" and not now.unread, CLEARED_S)
        if seen.unread:
            seen = yield from read(seen)
        if seen.reading.draft == "" and not seen.stuck:
            return None
        if (verdict := _closed(order, seen)) is not None:
            return verdict
        idle = idle + 1 if seen.reading.draft == draft else 0
    return Verdict("refused", "its input box cannot be emptied")


def _send(order: Order) -> Talk[Verdict]:
    done, seen = yield from unless_dialog(order.kind, Paste(order.typed))
    if done == "ended":
        return Verdict("gone", "its program has ended")
    if done == "held back":
        return _closed(order, seen) or Verdict("refused", "its screen shows no input box")
    if not order.kind.CONFIRMS:
        yield Press((order.kind.SUBMIT,))
        return Verdict("unconfirmed", f"a {order.name} does not tell what it has read")
    seen = yield from _arrived(order)
    if seen.reading.dialog is not None or seen.ended:
        return _closed(order, seen) or Verdict("gone", "its program has ended")
    if not _holds(order, seen) or seen.stuck:
        return (yield from _astray(order, seen))
    return (yield from _submit(order, seen))


def _holds(order: Order, seen: Seen) -> bool:
    return seen.reading.draft is not None and prompts.shown(seen.reading.draft, order.typed) != ""


def _arrived(order: Order) -> Talk[Seen]:
    """The screen once the box shows the text, or as much of it as fits; a dialog; else the last look."""
    since, before = 0.0, None

    def there(seen: Seen) -> bool:
        nonlocal since, before
        draft = seen.reading.draft
        if seen.reading.dialog is not None or draft is None or seen.unread:
            return seen.reading.dialog is not None
        how = prompts.shown(draft, order.typed)
        if draft != before:
            since, before = seen.at, draft
        stands = seen.at - since
        stray = draft != "" and how == "" and stands >= STRAY_S
        return how in ("whole", "marker") or (how == "part" and stands >= STEADY_S) or stray

    patience = PICTURE_S if _PICTURE.search(order.typed) else ARRIVE_S
    return (yield from _until(there, patience, after=0.0))


def _undrawn(seen: Seen) -> Verdict:
    """What was pasted is not shown. Nothing is pressed: it would be read in one piece with the paste."""
    why = why_stuck(seen) if seen.stuck else "its program does not draw what it is sent"
    evidence = f"{why}: the text was pasted, and may show up in its input box later"
    return Verdict("unconfirmed", evidence, hint=way_on(seen), unsent=True)


def _astray(order: Order, seen: Seen) -> Talk[Verdict]:
    """The box does not hold the text alone: whatever stands there is not submitted."""
    if not seen.reading.draft or seen.stuck:
        return _undrawn(seen)
    stands = " ".join(seen.reading.draft.split())[:60]
    yield Keep(seen.reading.draft)
    left = yield from _empty(order, seen)
    where = "" if left is None else f"; {left.evidence}"
    evidence = f"its input box did not take the text as it is: '{stands}' came of it{where}"
    # Beside something else it is as good as ever: that was a person's, or an earlier text that was drawn late.
    beside = prompts.stands_in(seen.reading.draft, order.typed)
    return Verdict("refused", evidence, never=not beside and not _person(order, seen))


def _submit(order: Order, seen: Seen) -> Talk[Verdict]:
    """Press Enter, wait for the evidence, and press Enter again only while the text is still in the box."""
    end = seen.at + order.confirm_s
    pause, entered = FIRST_RETRY_S, False
    while True:
        # An Enter that was not read yet is not followed by another: both would be read later, where a dialog may be.
        if not seen.stuck:
            done, looked = yield from unless_dialog(order.kind, Press((order.kind.SUBMIT,)))
            if done != "done" and not (entered and looked.stuck):
                return _closed(order, looked) or Verdict("refused", "its screen shows no input box")
            entered = True
        heard = yield from hear(max(0.0, min(pause, end - seen.at)))
        if heard.how:
            return _by(heard)
        seen = yield from look()
        if seen.ended:
            return (yield from _over(order))
        if seen.at >= end or not _holds(order, seen):
            return (yield from _last_word(order, seen, end))
        pause *= 1.5


def _send_command(order: Order, name: str) -> Talk[Verdict]:
    """Paste the command's name, go on only where the program's own menu shows exactly that one first
    (Enter takes the first), then paste its arguments."""
    done, seen = yield from unless_dialog(order.kind, Paste(name))
    if done == "ended":
        return Verdict("gone", "its program has ended")
    if done == "held back":
        return _closed(order, seen) or Verdict("refused", "its screen shows no input box")
    seen = yield from _menu(name)
    if not seen.ended and seen.reading.dialog is None and (not seen.reading.draft or seen.stuck):
        return _undrawn(seen)
    if (verdict := _closed(order, seen)) is not None:
        return verdict
    if seen.reading.draft != name:
        return (yield from _astray(replace(order, typed=name), seen))
    if not _offers(seen, name):
        left = yield from _empty(order, seen)
        return _no_command(name, seen, "" if left is None else f"; {left.evidence}")
    if order.typed != name:
        done, seen = yield from unless_dialog(order.kind, Paste(order.typed[len(name) :]))
        if done != "done":
            return _closed(order, seen) or Verdict("refused", "its screen shows no input box")
        seen = yield from _arrived(order)
        if _holds(order, seen) and seen.reading.menu is not None:
            # While its menu is open Enter runs its first without the arguments (1 of 7 `/resume ID` on 2.1.197).
            seen = yield from _until(lambda now: now.reading.menu is None, ARRIVE_S)
        if seen.ended or seen.reading.dialog is not None:
            return _closed(order, seen) or Verdict("gone", "its program has ended")
        if not _holds(order, seen) or seen.reading.menu is not None or seen.stuck:
            return (yield from _astray(order, seen))
    return (yield from _submit_command(order, seen, name))


def _menu(name: str) -> Talk[Seen]:
    """The screen once its menu shows the command, or stands still without it; once it draws at all."""
    seen = yield from _until(
        lambda now: _is_open(now) and now.reading.draft != "" and not now.unread, ARRIVE_S, after=0.0
    )
    if not seen.reading.draft or seen.stuck or _offers(seen, name):
        return seen
    since, before = 0.0, None

    def there(seen: Seen) -> bool:
        nonlocal since, before
        menu = seen.reading.menu
        if seen.reading.dialog is not None or _offers(seen, name):
            return True
        if menu != before:
            since, before = seen.at, menu
        return menu is not None and seen.at >= since + MENU_STEADY_S

    return (yield from _until(there, MENU_S, after=0.0))


def _offers(seen: Seen, name: str) -> bool:
    return seen.reading.draft == name and bool(seen.reading.menu) and name in (seen.reading.menu or ((),))[0]


def _no_command(name: str, seen: Seen, left: str) -> Verdict:
    near = [names[0] for names in seen.reading.menu or () if names[0].startswith("/")][:3]
    nearest = f"; the nearest are {', '.join(near)}" if near else ""
    evidence = f"'{name}' is not among its commands (as text: put a word in front of it){nearest}{left}"
    return Verdict("refused", evidence, never=True)


def _submit_command(order: Order, seen: Seen, name: str) -> Talk[Verdict]:
    """Press Enter. A command may say nothing, and open a panel that nobody asked about: it is closed."""
    end = seen.at + order.confirm_s
    still_s = PANEL_WORKS_S if order.typed.strip() != name else PANEL_STILL_S
    done, looked = yield from unless_dialog(order.kind, Press((order.kind.SUBMIT,)))
    if done != "done":
        return _closed(order, looked) or Verdict("refused", "its screen shows no input box")
    shown, since = None, seen.at
    while True:
        heard = yield from hear(max(0.0, min(PANEL_S, end - seen.at)))
        if heard.how and not _quits(order):
            return _by(heard)
        seen = yield from look()
        if seen.ended:
            return (yield from _over(order))
        panel = seen.reading.dialog
        if panel != shown:
            shown, since = panel, seen.at
        stands = panel is not None and panel.needs == "dialog" and seen.at - since >= still_s
        if panel is not None and stands and (order.idle or panel.asks_nothing) and not seen.stuck:
            return (yield from _close(order, seen, name, panel))
        if seen.at >= end:
            return (yield from _last_word(order, seen, end))


def _close(order: Order, seen: Seen, name: str, panel: Dialog) -> Talk[Verdict]:
    """Leave the panel, and tell what it showed."""
    text = _shown(seen, panel)
    seen = yield from _leave(order.kind, seen)
    yield Note(f"{name} showed:\n{text}")
    if seen.reading.draft is None:
        return Verdict("submitted", f"{name} opened a panel, which is still open")
    yield from hear(0.5)
    return Verdict("submitted", f"{name} opened a panel, which was closed again")


def _shown(seen: Seen, panel: Dialog) -> str:
    rows = panel.text.split("\n") if panel.text else seen.reading.tail
    return "\n".join(row for row in rows if not row.startswith("───"))


def is_left_open(seen: Seen) -> bool:
    """Whether the panel of a command stands there, which takes whatever is typed."""
    return seen.reading.dialog is not None and seen.reading.dialog.asks_nothing


def leave_open(kind: Kind, seen: Seen) -> Talk[Seen]:
    """Leave a panel that an earlier command opened (`/help` in a turn opens it at the turn's end) and nobody has
    closed, and tell what it showed."""
    panel = seen.reading.dialog
    seen = yield from _until(lambda now: not same(now.reading.dialog, panel), PANEL_STILL_S)
    if panel is None or not same(seen.reading.dialog, panel):
        return seen
    text = _shown(seen, panel)
    seen = yield from _leave(kind, seen)
    if not is_left_open(seen):
        yield Note(f"a panel stood open and was closed:\n{text}")
    return seen


def _leave(kind: Kind, seen: Seen) -> Talk[Seen]:
    """One Escape for each page, and only while tmux shows that page. While a turn runs it closes the panel and the
    turn goes on (both versions, `/cost` and `/status`); one more would interrupt it, so that a page that is slow to
    go gets no second one."""
    for _ in range(4):
        page = _page(seen)
        if page is None or seen.ended or seen.stuck:
            break
        row = guard(seen.reading.dialog) if seen.reading.dialog is not None else ()
        done = yield from act(Press(("Escape",), only=(kind.LEAVE, *row)))
        seen = yield from _until(lambda now, page=page: _page(now) != page, LEFT_S)  # type: ignore[misc]
        if done != "done" or _page(seen) == page:
            break
    return seen


def _page(seen: Seen) -> tuple[str, str] | None:
    """What tells one page from the next: its head and its last row."""
    dialog = seen.reading.dialog
    if dialog is None:
        return None
    rows = dialog.text.split("\n") if "\n" in dialog.text else seen.reading.tail
    return dialog.what, next(iter(rows[-1:]), "")


def _over(order: Order) -> Talk[Verdict]:
    """Its program ended with the text."""
    if _quits(order):
        return Verdict("submitted", "it ended its program")
    heard = yield from hear(0.5)
    if heard.how:
        return _by(heard)
    return Verdict("unconfirmed", "its program has ended, without a word of the text")


def _quits(order: Order) -> bool:
    """Whether the text is to end the program; `/exit` does so whatever stands behind it (both versions)."""
    return order.typed.strip() in order.kind.QUITS or order.command in order.kind.QUITS


def cut_off(acts: Sequence[Paste | Press], why: str) -> Verdict:
    """What is known of a text when the talk broke off behind these acts: at most where it is."""
    entered = any(isinstance(step, Press) for step in acts)
    where = "it was typed, and what became of it" if entered else "it was pasted and not submitted; the rest"
    return Verdict("unconfirmed", f"{where} cannot be told: {why}", unsent=not entered, trouble=why)


def _last_word(order: Order, seen: Seen, end: float) -> Talk[Verdict]:
    heard = yield from hear(max(0.0, end - seen.at))
    if heard.how:
        return _by(heard)
    seen = yield from look()
    where = "the text is still in its input box" if _holds(order, seen) else "the text has left its input box"
    stuck = f", and {why_stuck(seen)}" if seen.stuck else ""
    return Verdict("unconfirmed", f"no evidence within {order.confirm_s:g} s; {where}{stuck}")


def _by(heard: Heard) -> Verdict:
    word: Word = "queued" if heard.how == "queued" else "refused" if heard.how == "refused" else "submitted"
    return Verdict(word, heard.by)


def unless_dialog(kind: Kind, step: Paste | Press) -> Talk[tuple[Done, Seen]]:
    """Paste or press in the step in which tmux sees no dialog's footer. Where it sees one in a mere
    text (the agent talks about dialogs, or we do), a look of our own has to do: a box, and no dialog."""
    if isinstance(step, Press):
        # Some dialogs have no footer (a fetch, on both versions): a key goes where a box is.
        step = replace(step, only=(kind.BOX,) if kind.BOX else ())
    done = yield from act(replace(step, unless=kind.FOOTER))
    if done == "done":
        return done, Seen()
    seen = yield Look()
    if seen.ended or done == "ended":
        return "ended", replace(seen, ended=True)
    if seen.stuck or seen.reading.dialog is not None or seen.reading.draft is None:
        return "held back", seen
    return (yield from act(step)), seen
