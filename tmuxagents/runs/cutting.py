"""Cut what somebody else wrote to what an error can quote."""

from __future__ import annotations

from tmuxagents.settings import shown


def cut(text: object) -> str:
    """The text as an error quotes it."""
    return shown.visible(str(text)[:40])


def cut_long(text: str) -> str:
    """A part of a message that somebody else wrote."""
    return shown.visible(" ".join(text.split())[:100])
