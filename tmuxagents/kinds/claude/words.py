"""What Claude Code's input box makes of a text, and what is done so that it arrives as it is.

Measured on 2.1.197 and 2.1.330, for a text that is pasted and then sent with Enter:

    a blank at an end         left out of what the model gets
    `\\` at the end            Enter breaks the line instead, and the backslash is gone
    `@name`, `:name` at it    a menu is open, and Enter completes the word
    `!` in front              the rest is run by a shell
    `/name` in front          a command; where there is none of that name Enter takes the menu's first
    `/name/…` in front        text, and so are `#`, `&`, `?`, `>`, `~`, and all of these further behind
    exit, quit, :q, :wq       alone they end the program, with or without a slash
    /a/picture.png            alone, or (2.1.197) at the end of a row: the picture instead of the words
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tmuxagents.kinds import tui

QUITS = frozenset({"/exit", "/quit", "exit", "quit", ":q", ":q!", ":wq", ":wq!"})

_RULE = "─" * 10
_COMMAND = re.compile(r"/[^\s/]*(?=\s|$)")
# `  ❯ /usage (cost)   Show …` (2.1.330), `/usage (cost)   Show …` (2.1.197); the rows of a long
# description stand further to the right.
_ENTRY = re.compile(r"^ {0,4}(?:❯ )?([/…]\S*)(?: \(([^()]+)\))?(?: {2,}|$)")
_NO_ENTRY = re.compile(r"^ {0,4}No commands match ")


def as_prompt(text: str) -> str:
    """What is pasted: without white space at the ends, and with a blank where one keeps Claude from
    changing it. Behind a blank `!` is no command; a blank at the end closes the menu that would complete
    the last word, and takes the meaning from a backslash."""
    bare = text.strip()
    # A command without arguments is checked by its menu, which a blank would close; behind arguments
    # the blank does what it does behind any text.
    if bare == command_of(bare):
        return bare
    return f"{' ' if bare.startswith('!') else ''}{bare} "


def command_of(text: str) -> str | None:
    """The command that a text would run: its first word, when that is a `/name` without a second slash.

    White space in front is no help: 2.1.330 runs ` /clear`.
    """
    match = _COMMAND.match(text.lstrip())
    return match.group() if match is not None else None


def menu(rows: Sequence[str]) -> tuple[tuple[str, ...], ...] | None:
    """The commands that the menu under the input box offers, best first, each with its other names;
    None when no menu is shown. A name that was cut off begins with `…`."""
    bare = tui.plain(rows)
    bottom = max((i for i, row in enumerate(bare) if row.startswith(_RULE)), default=len(bare))
    below = bare[bottom + 1 :]
    found = [_names(match) for row in below if (match := _ENTRY.match(row)) is not None]
    return tuple(found) if found or any(_NO_ENTRY.match(row) for row in below) else None


def _names(match: re.Match[str]) -> tuple[str, ...]:
    if match.group(2) == "MCP":
        # Shown as `/server:prompt`, which is unknown when it is typed with arguments.
        return (f"/mcp__{match.group(1).lstrip('/').replace(':', '__', 1)}",)
    others = (match.group(2) or "").split(", ")
    return (match.group(1), *(f"/{name.lstrip('/')}" for name in others if name))
