"""Which key means what in the list; while a line is typed none of these does anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

Wish = Literal[
    "peek", "type", "yes", "no", "reason", "choose", "attach", "diff", "stop", "interrupt", "resume", "pin",
    "dismiss", "graph", "new", "quit", "suspend", "back", "keys", "filter", "dismissed",
]  # fmt: skip

MOVES: Mapping[str, int] = {"down": 1, "j": 1, "up": -1, "k": -1, "home": -100_000, "end": 100_000}

PAGES: Mapping[str, int] = {"pagedown": 1, "pageup": -1}

_WISHES: Mapping[str, Wish] = {
    "space": "peek",
    "t": "type",
    "f8": "yes",
    "alt+y": "yes",
    "f9": "no",
    "alt+n": "no",
    "f7": "reason",
    "alt+r": "reason",
    "f6": "choose",
    "alt+c": "choose",
    "enter": "attach",
    "d": "diff",
    "s": "stop",
    "i": "interrupt",
    "r": "resume",
    "p": "pin",
    "x": "dismiss",
    "g": "graph",
    "+": "new",
    "q": "quit",
    "ctrl+c": "quit",
    "ctrl+q": "quit",
    "ctrl+z": "suspend",
    "escape": "back",
    "?": "keys",
    "/": "filter",
    ".": "dismissed",
}

SETTLES: frozenset[Wish] = frozenset({"yes", "no", "reason", "choose"})

EVERYBODY: frozenset[Wish] = frozenset({"quit", "suspend", "back", "keys", "filter", "dismissed", "new"})
"""What needs nobody who is selected."""

LOOKS: frozenset[Wish] = frozenset({"graph"})
"""What is about one agent, and only looks otherwise."""


ELSEWHERE: Mapping[str, str] = {
    "y": "F8 (Alt-y) says yes: no letter settles a dialog",
    "n": "F9 (Alt-n) says no: no letter settles a dialog",
    "N": "F7 (Alt-r) says no, with a reason: no letter settles a dialog",
    "c": "F6 (Alt-c) chooses an answer: no letter settles a dialog",
    "a": "enter attaches: what is typed behind a letter would be its window's",
}
"""What a letter does not do, and the key that does."""


def printed(key: str, character: str | None) -> str | None:
    """What is printed on a key; nothing on one that is pressed with Alt."""
    return None if key.startswith("alt+") else character


def is_letter(key: str, character: str | None) -> bool:
    """Whether a word may have it, and it does not move."""
    return character is not None and character.isalpha() and key not in MOVES


def wish(key: str, character: str | None) -> Wish | None:
    """What a key asks for: its name, and what is printed on it."""
    return _WISHES.get(key) or _WISHES.get(character or "")


TOLD: Sequence[tuple[str, str]] = (
    ("up down, j k", "move; PgUp PgDn, Home End; in a long dialog PgDn reads on"),
    ("1 2 … 12", "jump to that agent"),
    ("space", "peek: all of one agent, and a line to reply; esc goes back"),
    ("t", "type a line to it, delivered and proven as by tmuxagents say"),
    ("+", "start an agent: its task, behind the options of tmuxagents spawn"),
    ("F8 F9", "yes, no to the dialog, once all of it was shown (Alt-y, Alt-n)"),
    ("F7 F6", "no, with a reason; choose an answer in it (Alt-r, Alt-c)"),
    ("enter", "attach: the real tmux at its window; {keys} comes back"),
    ("d", "its diff, in your pager"),
    ("i s r", "interrupt its turn, stop it, resume it; each asks, F8 is the yes"),
    ("p", "pin: first among its equals"),
    ("x", "dismiss: a finished one leaves the list; x again takes it back"),
    (".", "show those that were dismissed"),
    ("/", "filter: words, folder:api run:night kind:claude state:waiting is:pinned -word"),
    ("g", "the graph of its run, and back to its window"),
    ("q, C-c", "leave; nothing stops"),
)
"""What each does, as `?` shows it."""
