"""What a notice says, on each channel: pure."""

from __future__ import annotations

from typing import Any

from tmuxagents import clock
from tmuxagents.drivers.notices import desktop, osc
from tmuxagents.errors import advised, word
from tmuxagents.model.notice import Notice
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import cut, width_of

VERSION = 1
WHAT = 200
"""So much is told of what is asked."""

_LEAST = 10
"""Cells of what is asked that are worth their place."""

_HEADS = {
    "failed": "{agent} failed",
    "limited": "{agent} is limited",
    "lost": "{agent} is lost",
    "budget": "the budget of {agent}",
    "finished": "{agent} has finished",
    "test": "tmuxagents can reach you here",
}
_WAYS = {"failed": "show", "limited": "show", "lost": "resume", "budget": "usage", "finished": "tail"}
_LABELS = {"permission": ("Approve", "Deny"), "plan": ("Approve", "Deny"), "trust": ("Trust", "Do not trust")}


def headline(notice: Notice) -> str:
    """Who, and in what state: `api needs permission`. Nothing of what was said or asked."""
    if notice.new.kind == "needs":
        return f"{notice.agent} needs {notice.new.needs}"
    return _HEADS[notice.new.kind].format(agent=notice.agent)


def command(notice: Notice, fleet: str = "") -> str:
    """The command that reacts to it; one that settles a dialog names that very one. Empty for a test. `fleet` is the
    state directory where it is not the usual one: without it the command would mean another fleet."""
    typed = _typed(notice)
    return typed.replace("tmuxagents ", f"tmuxagents --state-dir {word(fleet)} ", 1) if fleet else typed


def _typed(notice: Notice) -> str:
    new = notice.new
    match new.verb:
        case "approve":
            return f"tmuxagents approve {notice.agent} --dialog {new.dialog}"
        case "answer":
            return f"tmuxagents answer {notice.agent} --dialog {new.dialog} CHOICE"
        case None if notice.is_of_run:
            return f"tmuxagents show {notice.agent}"
        case None:
            return f"tmuxagents {_WAYS[new.kind]} {notice.agent}" if new.kind in _WAYS else ""
        case verb:
            return f"tmuxagents {verb} {notice.agent}"


def what(notice: Notice, fleet: str = "") -> str:
    """What is asked, or why it failed, on one line."""
    return advised(one_line(notice.new.what, WHAT), fleet)


def line(notice: Notice, fleet: str = "", *, width: int = 0) -> str:
    """For a message in the private server's own terminals, of so many cells; 0 where nobody knows. tmux cuts what is
    longer: a command without its end would be another, so what is asked is cut before it, and it goes whole."""
    head, asked, typed = headline(notice), what(notice, fleet), command(notice, fleet)
    behind = f"   {typed}" if typed else ""
    told = f"{head}: {asked}" if asked else head
    if not width or width_of(told + behind) <= width:
        return told + behind
    if width_of(head + behind) + _LEAST <= width and asked:
        return cut(told, width - width_of(behind)) + behind
    return head + behind if width_of(head + behind) <= width else cut(told, width)


def as_json(notice: Notice, *, escalated: bool, with_text: bool, fleet: str = "") -> dict[str, Any]:
    """For a program: the same `id` each time. `text` is what is asked, where it may be told."""
    new = notice.new
    return {
        "v": VERSION,
        "id": notice.id,
        "at": clock.rfc3339(new.at_ns),
        "notice": new.kind,
        "agent": notice.agent,
        "agent_id": notice.agent_id,
        "generation": notice.generation,
        "run": notice.agent if notice.is_of_run else None,
        "state": new.state,
        "needs": new.needs,
        "dialog_id": new.dialog,
        "command": command(notice, fleet) or None,
        "escalated": escalated,
        "text": what(notice, fleet) if with_text and what(notice) else None,
    }


def body(notice: Notice, *, with_text: bool, fleet: str = "") -> str:
    """What stands below the headline: the command, and what is asked where it may be told."""
    parts = [what(notice, fleet)] if with_text else []
    return "\n".join(part for part in [*parts, command(notice, fleet)] if part) or headline(notice)


def for_desktop(notice: Notice, state: str, fleet: str = "") -> desktop.Told:
    """With buttons where the dialog has a plain yes and no."""
    new = notice.new
    yes, no = _LABELS.get(new.needs or "", ("Approve", "Deny"))
    buttons = (("approve", yes), ("deny", no)) if new.verb == "approve" else ()
    return desktop.Told(
        id=notice.id,
        title=headline(notice),
        body=body(notice, with_text=True, fleet=fleet),
        urgent=new.kind == "needs",
        agent=notice.agent,
        dialog=new.dialog or "",
        buttons=buttons,
        state=state,
    )


def for_terminal(notice: Notice, *, with_text: bool, fleet: str = "") -> osc.Said:
    """On clean lines: nothing in it ends the sequence."""
    below = body(notice, with_text=with_text, fleet=fleet).replace("\n", " · ")
    return osc.Said(notice.id, one_line(headline(notice)), one_line(below, 2 * (WHAT + len(fleet))))
