"""Tell one prompt from another although Claude Code renders what it was given.

2.1.330 wraps a long or many-lined paste in `<pasted_content id="…">`, turns tabs into four
spaces and, in some places, strips the ends; 2.1.197 does the last two. Both compose what can be
composed (`e` + U+0301 arrives as `é`), and 2.1.330 drops characters that have no shape (U+200B,
U+FEFF, U+00AD, U+202E), though not the joiners inside an emoji.
"""

from __future__ import annotations

import hashlib
import re

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
    words = " ".join(_shaped(unwrapped(text)).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]


def _shaped(text: str) -> str:
    if text.isascii():
        return text
    import unicodedata

    kept = "".join(c for c in text if unicodedata.category(c) not in _SHAPELESS)
    return unicodedata.normalize("NFC", kept)


def is_said(text: str) -> bool:
    """Whether a user record's text is a person's prompt, rather than Claude Code talking to the model."""
    return bool(text.strip()) and not _NOT_SAID.match(text.lstrip())
