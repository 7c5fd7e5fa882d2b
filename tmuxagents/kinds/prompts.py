"""Tell one prompt from another although Claude Code renders what it was given.

2.1.330 wraps a long or many-lined paste in `<pasted_content id="…">`, turns tabs into four
spaces and, in some places, strips the ends; 2.1.197 does the last two. Both compose what can be
composed (`e` + U+0301 arrives as `é`), and 2.1.330 drops characters that have no shape (U+200B,
U+FEFF, U+00AD, U+202E), though not the joiners inside an emoji.
"""

from __future__ import annotations

import re
from typing import Literal

_WRAPPER = re.compile(r"\n{0,2}</?pasted_content id=\"[^\"]*\">\n?")
# Format, private use, unassigned.
_SHAPELESS = frozenset({"Cf", "Co", "Cn"})
_NOT_SAID = re.compile(
    r"<(?:task-notification|local-command-(?:caveat|stdout|stderr)|command-(?:name|message|args)"
    r"|bash-std(?:out|err)|system-reminder)>"
)


def unwrapped(text: str) -> str:
    """What the person gave, without the version's own wrapper."""
    return _WRAPPER.sub("", text) if "<pasted_content" in text else text


def digest(text: str) -> str:
    """Equal for two renderings of one prompt: white space folded, the wrapper taken off, characters
    composed and those without a shape left out."""
    # OpenSSL's library comes with it: 9 ms that whoever only looks does not need.
    import hashlib

    words = " ".join(_shaped(unwrapped(text)).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]


def _shaped(text: str) -> str:
    if text.isascii():
        return text
    import unicodedata

    kept = "".join(c for c in text if unicodedata.category(c) not in _SHAPELESS)
    return unicodedata.normalize("NFC", kept)


# Drawn as nothing, though Unicode counts them as letters, marks or signs.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in it."""
    if text.isascii():
        return not text.strip()
    import unicodedata

    def unseen(char: str) -> bool:
        variation = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
        shapeless = unicodedata.category(char) in _SHAPELESS or unicodedata.category(char)[0] in "ZC"
        return shapeless or variation or char in _FILLERS

    return all(unseen(char) for char in text)


def is_said(text: str) -> bool:
    """Whether a user record's text is a person's prompt, rather than Claude Code talking to the model."""
    return bool(text.strip()) and not _NOT_SAID.match(text.lstrip())


BY_COMMAND = frozenset({"transcript local command", "transcript: unknown command"})
"""The evidence of receipts for the program's own commands: told under their first names (`/cost` as
`/usage`) or without their arguments, so that the digest need not be that of what was typed."""

Shown = Literal["whole", "marker", "part", ""]

# `[Pasted text #1 +399 lines]`, `[Pasted text #2]`, `[...Truncated text #1 +40 lines...]` (2.1.197,
# 2.1.330), `… 57 lines above` (the demo agent).
_MARKER = re.compile(
    r"\[(?:Pasted text|\.\.\.Truncated text) #\d+(?: \+\d+ lines?)?(?:\.\.\.)?\]|^… \d+ lines above$", re.MULTILINE
)


def shown(draft: str, typed: str) -> Shown:
    """Whether the input box holds this text and nothing else: all of it, a marker that stands for it
    (or for some of it), a part of it (a box larger than the screen scrolls); "" when it does not."""
    found, wanted = _drawn(draft), _drawn(typed)
    # A right-to-left row may be drawn in another order.
    if draft and (found == wanted or sorted(found) == sorted(wanted)):
        return "whole"
    rest = _MARKER.sub("\n", draft)
    rows = [_drawn(row) for row in rest.split("\n")]
    if all(row in wanted for row in rows):
        return "marker" if rest != draft else "part" if any(rows) else ""
    return ""


def stands_in(draft: str, typed: str) -> bool:
    """Whether the input box holds this text, or the marker of a pasted one, beside something else."""
    return _MARKER.search(draft) is not None or _drawn(typed) in _drawn(draft)


def _drawn(text: str) -> str:
    """What of a text is drawn alike everywhere: letters and digits, and the signs of ASCII. White space
    is where a row was broken; marks, emoji and what has no shape depend on the terminal."""
    if text.isascii():
        return "".join(text.split())
    import unicodedata

    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if ("!" <= c <= "~") or unicodedata.category(c)[0] in "LN")
