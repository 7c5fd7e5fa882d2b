"""What git painted, with git's colours and nothing that a file's own bytes would do to a terminal."""

from __future__ import annotations

import re

from tmuxagents.settings.shown import visible

_TOKENS = r"\x1b\[[0-9;:]*m|[^\x1b]+|\x1b"
_HIDDEN = r"[^\n\t -~]"


def painted(plain: str, colored: str) -> str:
    """`colored` is `plain` with colours in it. What of its sequences stands in both is a file's, and is shown as
    text: in a review a file could otherwise hide a line, or say one thing and show another."""
    at, told = 0, []
    for token in re.findall(_TOKENS, colored):
        if plain.startswith(token, at):
            at += len(token)
            told.append(seen(token))
        elif token.startswith("\x1b["):
            told.append(token)
        else:
            return seen(plain)
    return "".join(told) if at == len(plain) else seen(plain)


def seen(text: str) -> str:
    """The text with every character that a terminal obeys or does not show in its place, as `less` writes it."""
    return re.sub(_HIDDEN, lambda found: _seen(found[0]), text)


def _seen(character: str) -> str:
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"^{chr(code ^ 0x40)}"
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that is no UTF-8.
        return f"<{code - 0xDC00:02X}>"
    return visible(character)
