"""What was decided about a dialog or a request, by whom and from where: one entry, when it is known.

Whoever settles something says so before (`Settling`), because its end may be read by somebody else. That it was
taken only the program tells: where its word contradicts, it was settled at the agent's window. A request's entry
waits a moment for the program's own record, a dialog's is written when the dialog has gone.

What is evidence that it was settled at its window: it ended while its program went on, and nobody had said that they
would settle it (everything of ours is said before its key or its answer goes out); or the program's own word of the
end is another than what was said, or older; or what was said was taken back, since the key never went out, or stood in
the input box. That a dialog is still shown is none: the next one may look the same.
"""

from __future__ import annotations

from tmuxagents.clock import SECOND
from tmuxagents.kinds.base import Folded, Kind
from tmuxagents.kinds.choices import same
from tmuxagents.model.condition import OVER, Closed, Condition, Dialog, Need, Request, Settled, Settler
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Settling
from tmuxagents.value import replace

PATIENCE = 2 * SECOND
"""How much later than the first sign of its end the program's record of it may come (1.5 s were seen)."""

STALE = 60 * SECOND
"""Who began to settle a dialog so long ago has not done it."""

AT_WINDOW = "at its window"


def take(condition: Condition, seen: Settling) -> Folded:
    """Note who settles; of two the first, until it says that it has not."""
    if not seen.request:
        return _take_dialog(condition, seen)
    mine = next((r for r in condition.requests if r.id == seen.request), None)
    again = seen.undone or seen.unsure
    if mine is None or (again and mine.settler != seen.settler) or (not again and mine.settler):
        return condition, []
    if seen.undone and not mine.owed:
        return _wrong(condition, seen)
    now = replace(mine, settler=_said(seen))
    return replace(condition, requests=tuple(now if r is mine else r for r in condition.requests)), []


def _take_dialog(condition: Condition, seen: Settling) -> Folded:
    again = seen.undone or seen.unsure
    if not again or condition.settler == seen.settler:
        return replace(condition, settler=_said(seen)), []
    named = condition.closed.settler if condition.closed is not None else None
    was_named = named is not None and (named.by, named.at_ns) == (seen.settler.by, seen.settler.at_ns)
    return _wrong(condition, seen) if seen.undone and was_named else (condition, [])


def _said(seen: Settling) -> Settler | None:
    """Who settles it from now on, as far as is known."""
    if seen.undone:
        return None
    return replace(seen.settler, by=f"{seen.settler.by} or {AT_WINDOW}") if seen.unsure else seen.settler


def _wrong(condition: Condition, seen: Settling) -> Folded:
    """It went while somebody was about to settle it, and the entry named them."""
    words = f"correction: what was told {seen.settler.how} by {seen.settler.by} was settled {AT_WINDOW}"
    return condition, [NewEntry("note", words, seen.at_ns)]


def answered(condition: Condition, chosen: str, allowed: bool, *, by: str, at_ns: int) -> Condition:
    """What the program itself tells of the dialog's end (`by`, at that moment); who did it is known only if that is
    what they did, and they had said so by then.

    Who said so later, or something else, has a key under way all the same: it may go into the next dialog of the
    same looks, so what they said stands until they take it back.
    """
    dialog, ours = condition.dialog, condition.settler
    if dialog is None:
        return condition
    how: Settled = usual(dialog.needs) if allowed else "denied"
    agreed = (
        ours is not None
        and ours.at_ns <= at_ns
        and (ours.chosen == chosen or (not allowed and ours.how == "denied"))
        and _is_fresh(ours, at_ns)
    )
    settler = replace(ours if ours is not None and agreed else Settler(how), how=how, chosen=chosen if allowed else "")
    closed = Closed(settler, by, at_ns, told=True)
    return replace(condition, settler=None if agreed else ours, closed=closed)


def _is_fresh(ours: Settler, at_ns: int) -> bool:
    return abs(at_ns - ours.at_ns) < STALE


def usual(needs: Need) -> Settled:
    """What a yes to it is called."""
    return "approved" if needs in ("permission", "plan", "trust") else "answered"


def dialog(kind: Kind, before: Condition, after: Condition, at_ns: int) -> Folded:
    """The entry of a dialog of no request, when it has gone."""
    was = before.dialog
    if was is None or was.request is not None or not _asks(was) or _stands(was, after.dialog):
        return after, []
    if kind.shown_by(was, after.requests) is not None:
        # A look that was taken before its answer: the request's own entry tells.
        return after, []
    if after.closed is None or after.closed == before.closed:
        ours = after.settler if after.settler is not None and _is_fresh(after.settler, at_ns) else None
        known = ours or Settler("left" if after.state in OVER else "answered")
        after = replace(after, settler=None, closed=Closed(known, after.evidence, at_ns))
    assert after.closed is not None
    return after, [entry(was.needs, was.what, after.closed.settler, at_ns)]


def _asks(dialog: Dialog) -> bool:
    return dialog.needs != "login" and dialog.form not in ("panel", "list")


def _stands(was: Dialog, now: Dialog | None) -> bool:
    """Whether it is the same one, as far as it is known by now: its hook may come behind the screen, and the
    screen shows more than a report tells."""
    if now is None or now.needs == "login":
        return False
    if now.request is not None or bool(was.text) != bool(now.text) or not _asks(now):
        return True
    names = [name for name, _ in was.tabs]
    return same(was, now) or was.what == now.what or (bool(names) and names == [name for name, _ in now.tabs])


def requests(condition: Condition, at_ns: int, *, untold: str | None, now: bool) -> Folded:
    """The entries of requests whose end is known, or will not be known any better; `untold` is the one whose own
    entry is still to come."""
    drafts: list[NewEntry] = []
    after: list[Request] = []
    for was in condition.requests:
        request = replace(was, ended_ns=at_ns) if was.owed and was.ended and not was.ended_ns else was
        settler = _settler(request, late=now or _is_late(request, at_ns)) if request.owed else None
        told = settler is not None and (now or request.id != untold)
        if told and settler is not None:
            drafts.append(entry(request.needs, request.what, settler, at_ns, request.id))
        after.append(replace(request, owed=False, settler=settler) if told else request)
    changed = tuple(after) != condition.requests
    return (replace(condition, requests=tuple(after)) if changed else condition), drafts


def due_ns(condition: Condition) -> int | None:
    """When a request's entry waits no longer."""
    return min((r.ended_ns + PATIENCE for r in condition.requests if r.owed and r.ended_ns), default=None)


def _is_late(request: Request, at_ns: int) -> bool:
    return bool(request.ended_ns) and at_ns >= request.ended_ns + PATIENCE


def _settler(request: Request, *, late: bool) -> Settler | None:
    """Who decided and how; None while that may still be told."""
    ours = request.settler
    if request.decided or request.told:
        how: Settled = "denied" if request.decided == "deny" else usual(request.needs)
        return ours if ours is not None and (ours.how == "denied") == (how == "denied") else Settler(how)
    if request.ended == "left":
        seen_to_go = request.by.startswith(("screen:", "sessions/"))
        return (ours or Settler("answered" if seen_to_go else "left")) if late else None
    if not request.ended:
        return None
    if request.ended == "failed" and not request.ran:
        # Its call ended as an error, and nothing says that its tool ran: a yes and a no may both end so.
        unknown = ours if ours is None or ours.how == "answered" else replace(ours, how="answered", chosen="")
        return (unknown or Settler("answered")) if late else None
    how = "denied" if request.ended == "refused" else usual(request.needs)
    if ours is None or (ours.how == "denied") != (how == "denied"):
        return Settler(how)
    recorded = request.by.startswith("transcript")
    if recorded and how != "denied" and not ours.keys and ours.by and request.thread is None:
        # Of the main thread both versions record whose answer was taken, and it stands before the result.
        return Settler(how)
    return ours if recorded or ours.keys or late or not ours.by else None


def entry(needs: Need, what: str, settler: Settler, at_ns: int, request: str | None = None) -> NewEntry:
    """`approved: Write(src/auth.rs), by you on pts/3`"""
    detail = {"how": settler.how, "needs": needs, "what": what, "chosen": settler.chosen or None}
    detail |= {"by": settler.by or None, "request": request}
    return NewEntry("decision", words(settler, what), at_ns, detail)


def in_one(chosen: str) -> str:
    """What was answered, on one line, with its line breaks to be seen: it was given with them."""
    return " ⏎ ".join(line.strip() for line in chosen.splitlines() if line.strip())


def words(settler: Settler, what: str) -> str:
    """One line for a person."""
    if settler.how == "left":
        return f"left unanswered: {what}"
    chosen = f" ({in_one(settler.chosen)})" if settler.chosen and settler.how != "approved" else ""
    return f"{settler.how}: {what}{chosen}, {f'by {settler.by}' if settler.by else AT_WINDOW}"
