"""What Claude Code's screen says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from tmuxagents.kinds import dialog_reading, tui
from tmuxagents.kinds.claude import words
from tmuxagents.model.condition import Dialog, Need
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

# What stands behind the mark is no ordinary blank; a prompt that is shown again has one.
MARK = "[❯!]\xa0"

CLASSIFY: Sequence[tuple[str, Need]] = (
    (r"(?m)^(?:\d+ )?[Nn]ew MCP servers? found in this project|^Use this MCP server$", "trust"),
    (r"(?m)^Yes, I trust this folder$|^Do you trust the files", "trust"),
    (r"(?m)^Select login method|^Paste code here|^D(?:etected a custom|o you want to use this) API key", "login"),
    (r"(?m)^(?:Exit plan mode\?|Ready to code\?)|Would you like to proceed\?$|^Tell Claude what to change", "plan"),
    (r"(?m)^(?:Chat about this|Type something\.?)$|^Submit answers$|^(?:← +)?[☐☒] ", "question"),
    (r"(?m)^Do you want to \w+", "permission"),
)

# The first start: a theme picker without a footer, then a page of notes.
KNOWN = (
    r"^ Choose the text style that looks best with your terminal|^  Syntax theme: |^ Press Enter to continue"
    r"|^  (?:Resume session|Select model|Rewind|Export conversation)$"
)
# It has ended; the box it drew last is still on the screen.
_ENDED = re.compile(r"^Resume this session with:$")

# C-z at its keyboard. In a window of its own no shell is there to say `fg` to; a SIGCONT brings it back.
_AWAY = re.compile(r"^ *Claude Code (?:has been|is) suspended\. Run `fg`")

# Pickers that a person opens; their heads.
LISTS = re.compile(
    r"^(?:Select model|Rewind|Resume session|Background$|Export conversation|Hooks|Theme|Memory|Permissions"
    r"|Manage MCP servers|Plugins|Skills|Output style|Select IDE|Login)\b"
)
# Views that keep the input box on the screen, or something that looks like it; told by the rows at the bottom.
VIEWS: Sequence[tuple[str, str]] = (
    (r"^ *search prompts:", "history search"),
    (r"^  Showing detailed transcript\b", "transcript"),
    (r"^❯\s+describe a task for|^ +enter to (?:return|open) · space to reply", "agents view"),
)
# The footer of what Escape leaves: 2.1.197 `Esc to cancel`, `Esc to clear`; 2.1.330 `←/→ to switch · Esc to close`,
# `Esc to go back`. It is the last of its row.
LEAVE = "(^ +|· |/)Esc to (close|cancel|go back|clear) *$"
_LEAVES = re.compile(LEAVE)
# That of a panel over a box is nothing else, as both versions draw it: an agent's own words may end like one.
_OVER_BOX = re.compile(r"^  (?:Esc to cancel|←/→ to switch · Esc to close) *$")
_CLOSES = re.compile(r"\b(?:to close|to switch|to go back|to dismiss|to toggle)\b")

# What a subscriber is asked whom a limit has stopped: 2.1.197, and 2.1.330 where it does not go on by itself.
WAITS = "Stop and wait for limit to reset"

# `429 scripted · retrying in 4s · attempt 4/10`, `API error · Retrying in 1s · attempt 3/10`
_RETRYING = re.compile(r"^\s*\S?\s*(\S.*[Rr]etrying in .*attempt \d+/\d+)")


def read_screen(rows: Sequence[str]) -> Reading:
    """The draft in the box, or the dialog, and the API error being retried."""
    bare = tui.plain(rows)
    shown = [row for row in bare if row]
    notices = [match.group(1).strip() for row in shown[-12:] if (match := _RETRYING.match(row))]
    if any(_AWAY.match(row) for row in shown[-4:]):
        return Reading(tail=tuple(shown[-12:]), away=True)
    view = _view(shown) or _over_box(bare)
    draft = tui.box(rows, MARK) if view is None and not any(_ENDED.match(row) for row in shown[-6:]) else None
    dialog = view or (_dialog(rows, shown) if draft is None else None)
    return Reading(
        draft=draft,
        dialog=dialog,
        notice=notices[-1] if notices else None,
        tail=tuple(shown[-12:]),
        menu=words.menu(rows),
    )


def _view(shown: Sequence[str]) -> Dialog | None:
    """A view that has a box of its own, or none; what is typed goes elsewhere."""
    rules = [i for i, row in enumerate(shown) if tui.is_rule(row)]
    below = shown[rules[-1] + 1 :] if rules else shown
    # The footer alone: what stands further up may be anybody's words. The agents view has a box over it.
    bottom = [*(row for row in (shown[rules[-1] - 1 : rules[-1]] if rules else ()) if row.startswith("❯")), *below[-3:]]
    what = next((name for pattern, name in VIEWS if any(re.search(pattern, row) for row in bottom)), None)
    return None if what is None else Dialog("dialog", what, form="panel", text=what)


def _over_box(bare: Sequence[str]) -> Dialog | None:
    """The panel of a command that was given while a turn ran (`/cost`, `/status`): both versions draw it between a
    rule and an input box that takes nothing any more, and leave it there when the turn has ended."""
    rules = [i for i, row in enumerate(bare) if tui.is_rule(row)]
    boxes = [(a, b) for a, b in itertools.pairwise(rules) if b > a + 1 and bare[a + 1].startswith("❯")]
    if not boxes:
        return None
    box = boxes[-1][0]
    above = [rule for rule in rules if rule < box]
    inside = [row for row in bare[above[-1] + 1 if above else 0 : box] if row]
    # What an agent says stands behind a mark, or under such a row.
    if not inside or not all(row.startswith(" ") for row in inside) or not _OVER_BOX.search(inside[-1]):
        return None
    if len(inside) < 2:
        return None
    if not above:
        # Its top has scrolled away: nothing tells which one it is.
        return Dialog("dialog", "a panel", form="panel", text="\n".join(inside), cut=True)
    return Dialog("dialog", _title(inside[0]), form="panel", text="\n".join(inside), anchors=(inside[0],))


def _title(row: str) -> str:
    return dialog_reading.short(row.strip(" │"))


def _dialog(rows: Sequence[str], shown: Sequence[str]) -> Dialog | None:
    dialog = dialog_reading.read(rows, CLASSIFY, KNOWN)
    if dialog is None or dialog.needs != "dialog" or dialog.form not in ("choices", "unknown"):
        return dialog
    if LISTS.match(dialog.what):
        return replace(dialog, form="list")
    if any(choice.startswith(WAITS) for choice in dialog.choices) and (head := _head(rows, dialog)):
        # Escape leaves it and settles nothing: it waits for the limit to end, as it does with the first choice.
        return replace(dialog, form="panel", choices=(), preselected=None, anchors=head)
    if dialog.choices:
        return dialog
    dialog = replace(dialog, anchors=_head(rows, dialog))
    footer = " ".join(row.strip() for row in shown[-6:])
    if dialog.cut or not (_CLOSES.search(footer) or "Enter to" not in footer):
        return dialog
    return replace(dialog, form="panel")


def _head(rows: Sequence[str], dialog: Dialog) -> tuple[str, ...]:
    """The row that tells this one from another, where Escape leaves it."""
    bare = tui.plain(rows)
    if dialog.cut or not any(_LEAVES.search(row) for row in bare):
        return ()
    return tuple(row for row in bare if _title(row) == dialog.what)[-1:]
