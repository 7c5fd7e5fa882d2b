"""Take out of a text whatever could act on a terminal."""

from __future__ import annotations

import re

_C0 = r"\x00-\x08\x0b-\x1f\x7f"  # all but tab and line break
_C1 = r"\x80-\x9f"
# Directions of writing, line separators, and what is not seen at all: a text could say one thing to its
# reader and another to who copies it. Joiners (U+200C, U+200D) and variation selectors stay, words and emoji need them.
_UNSEEN = (
    r"\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
_SURROGATES = r"\ud800-\udfff"

# Patterns as text: `re` compiles them at the first use and keeps them.
_SUSPECT = f"[{_C0}{_C1}{_UNSEEN}{_SURROGATES}]"
_CONTROL = f"[{_C0}{_C1}]"
_INVISIBLE = f"[{_C0}{_C1}{_UNSEEN}]"
_LONE = f"[{_SURROGATES}]"
_LINE_BREAK = r"\r\n?"

# A string (OSC, DCS, …) ends with its line at the latest: one that is never terminated
# must not swallow what was said after it. ESC k is screen's title, only if terminated.
_STRING_BODY = r"[^\x07\x18\x1a\x1b\x9c\r\n]*"
_SEQUENCE = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    rf"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]){_STRING_BODY}(?:\x07|\x1b\\|\x9c)?"
    rf"|\x1bk{_STRING_BODY}\x1b\\"
    r"|\x1b[ -/]*[0-~]?"
)


def is_clean(text: str) -> bool:
    """Whether `clean` would give the text back unchanged."""
    # What is printable to Python holds nothing of these; asked first, `ls` compiles no pattern.
    return text.isprintable() or re.search(_SUSPECT, text) is None


def clean(text: str) -> str:
    """The text with nothing left that a reader's terminal would obey; tabs and line breaks stay."""
    if is_clean(text):
        return text
    text = re.sub(_LINE_BREAK, "\n", re.sub(_SEQUENCE, "", text))
    return re.sub(_LONE, "\ufffd", re.sub(_INVISIBLE, "", text))


def visible(text: str) -> str:
    """The text with what a terminal would obey, or nobody would see, written out (`\\x1b`, `\\u202e`); tabs and line
    breaks stay. For what a person decides on: `clean` leaves such characters out."""
    if is_clean(text):
        return text
    return re.sub(_SUSPECT, lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str, limit: int = 120) -> str:
    """The text on one clean line of at most `limit` characters; a cut shows as `…`."""
    folded = " ".join(clean(text).split())
    if len(folded) <= limit:
        return folded
    return folded[: limit - 1].rstrip() + "…" if limit > 0 else ""


def sendable(text: str) -> str:
    """The text less its control characters, every line break a line feed: what may be pasted.

    Exactly the control characters go. The rest of an escape sequence stays, as text.
    """
    return re.sub(_LONE, "\ufffd", re.sub(_CONTROL, "", re.sub(_LINE_BREAK, "\n", text)))
