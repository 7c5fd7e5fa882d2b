"""Tell one prompt from another although Claude Code renders what it was given.

2.1.330 wraps a long or many-lined paste in `<pasted_content id="…">`, turns tabs into four
spaces and, in some places, strips the ends; 2.1.197 does the last two.
"""

from __future__ import annotations

import hashlib
import re

_WRAPPER = re.compile(r"\n{0,2}</?pasted_content id=\"[^\"]*\">\n?")
_NOT_SAID = re.compile(
    r"<(?:task-notification|local-command-(?:caveat|stdout|stderr)|command-(?:name|message|args)"
    r"|bash-std(?:out|err)|system-reminder)>"
)


def unwrapped(text: str) -> str:
    """What the person gave, without the version's own wrapper."""
    return _WRAPPER.sub("", text) if "<pasted_content" in text else text


def digest(text: str) -> str:
    """Equal for two renderings of one prompt: white space folded, the wrapper taken off."""
    words = " ".join(unwrapped(text).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]


def is_said(text: str) -> bool:
    """Whether a user record's text is a person's prompt, rather than Claude Code talking to the model."""
    return bool(text.strip()) and not _NOT_SAID.match(text.lstrip())
