"""What Claude Code's screen says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tmuxagents.kinds import tui
from tmuxagents.kinds.claude import words
from tmuxagents.model.condition import Need
from tmuxagents.model.reading import Reading

CLASSIFY: Sequence[tuple[str, Need]] = (
    (r"trust this folder|Do you trust the files", "trust"),
    (r"Select login method|Paste code here|Please run /login|Detected a custom API key", "login"),
    (r"Exit plan mode\?|Ready to code\?|Would you like to proceed\?|written up a plan", "plan"),
    (r"Chat about this|Type something", "question"),
    (r"Do you want to (?:proceed|create|make|allow|overwrite|use|fetch|\w+ )", "permission"),
)

# `429 scripted · retrying in 4s · attempt 4/10`, `API error · Retrying in 1s · attempt 3/10`
_RETRYING = re.compile(r"^\s*\S?\s*(\S.*[Rr]etrying in .*attempt \d+/\d+)")


def read_screen(rows: Sequence[str]) -> Reading:
    """The draft in the box, or the dialog, and the API error being retried."""
    bare = tui.plain(rows)
    notices = [match.group(1).strip() for row in [r for r in bare if r][-12:] if (match := _RETRYING.match(row))]
    return Reading(
        draft=tui.box(rows),
        dialog=tui.dialog(rows, CLASSIFY),
        notice=notices[-1] if notices else None,
        tail=tuple(row for row in bare if row)[-12:],
        menu=words.menu(rows),
    )
