"""Texts for agents, exactly as they were given: as words, on standard input, in a file; what is none is refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import click

from tmuxagents.cli.terminal import tell
from tmuxagents.errors import BadValue

# What Python makes of a byte that is no UTF-8, and the byte that stands in no text.
_ODD = "[\x00\ud800-\udfff]"

_LEFT_OUT = "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
"""Keys to a program that has a terminal: nobody types them by a text."""


def read_text(words: Sequence[str], file: str | None) -> str:
    """The text given as words, as `-` for standard input, or in a file."""
    if file is not None:
        if words:
            raise click.UsageError("give the text or --file, not both")
        return _read_file(file)
    return read_input() if tuple(words) == ("-",) else checked(" ".join(words))


def read_input(*, exactly: bool = True) -> str:
    """What standard input holds; nothing where it is closed, as in some cron jobs. Not `exactly`: what is no UTF-8
    is replaced."""
    if sys.stdin is None:
        return ""
    try:
        raw = sys.stdin.buffer.read()
    except OSError:
        # Open for writing only, or a folder.
        return ""
    return decoded(raw, "standard input") if exactly else raw.decode("utf-8", "replace")


def _read_file(file: str) -> str:
    from pathlib import Path

    from tmuxagents.errors import word

    try:
        raw = Path(file).read_bytes()
    except OSError as error:
        raise BadValue(f"'{file}' cannot be read: {error.strerror}", hint=f"ls -l {word(file)}") from error
    return decoded(raw, f"'{file}'", f"iconv -f LATIN1 -t UTF-8 {word(file)}")


def decoded(raw: bytes, source: str, hint: str | None = None) -> str:
    """The text that the bytes are."""
    return checked(raw.decode("utf-8", "surrogateescape"), source, hint)


def checked(text: str, source: str = "the text", hint: str | None = None) -> str:
    """The same text. An agent would be told something else in place of what is none, and nobody would know."""
    if text.isprintable():
        return text
    odd = fault(text)
    if odd is not None:
        command = click.get_current_context().command_path
        raise BadValue(f"{source} {odd}", hint=hint or f"{command} --help")
    if re.search(_LEFT_OUT, text):
        tell(f"tmuxagents: the control characters of {source} are left out")
    return text


def fault(text: str) -> str | None:
    """What makes it no text, and where; None when nothing does. A byte that is no UTF-8 stands in it as Python's
    `surrogateescape` leaves it."""
    found = re.search(_ODD, text)
    if found is None:
        return None
    at, before = found.start(), text.rfind("\n", 0, found.start())
    byte = ord(found[0]) & 0xFF
    what = f"is not UTF-8: byte 0x{byte:02x}" if byte or found[0] != "\x00" else "is not text: byte 0x00"
    return f"{what} in line {text.count(chr(10), 0, at) + 1} at {at - before}"
