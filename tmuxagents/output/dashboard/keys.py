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
    "y": "yes",
    "n": "no",
    "N": "reason",
    "c": "choose",
    "enter": "attach",
    "a": "attach",
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

EVERYBODY: frozenset[Wish] = frozenset({"quit", "suspend", "back", "keys", "filter", "dismissed"})
"""What needs nobody who is selected."""

LOOKS: frozenset[Wish] = frozenset({"graph"})
"""What is about one agent, and only looks otherwise."""


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
    ("y n", "say yes to the dialog that is shown, once all of it was; or no"),
    ("N", "no, with a reason"),
    ("c", "choose an answer in it"),
    ("enter, a", "attach: the real tmux at its window; detach comes back"),
    ("d", "its diff, in your pager"),
    ("i", "interrupt its turn (asks)"),
    ("s", "stop it (asks)"),
    ("r", "resume it, when it has ended (asks)"),
    ("p", "pin: first among its equals"),
    ("x", "dismiss: a finished one leaves the list; x again takes it back"),
    (".", "show those that were dismissed"),
    ("/", "filter: words, folder:api run:night kind:claude state:waiting is:pinned -word"),
    ("g", "the graph of its run, and back to its window"),
    ("q, C-c", "leave; nothing stops"),
)
"""What each does, as `?` shows it."""
