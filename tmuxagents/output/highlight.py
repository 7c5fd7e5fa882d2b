"""Show in rows of the stream where a pattern matches, whatever colours they have."""

from __future__ import annotations

import re

_SGR = re.compile(r"(\x1b\[[0-9;]*m)")
_ON, _OFF = "\x1b[7m", "\x1b[27m"


def highlight(row: str, pattern: re.Pattern[str]) -> str:
    """The row with what matches in its visible text in reverse."""
    pieces = _SGR.split(row)
    visible = "".join(pieces[::2])
    lit = [at for found in pattern.finditer(visible) for at in range(*found.span())]
    if not lit:
        return row
    return _painted(pieces, frozenset(lit))


def _painted(pieces: list[str], lit: frozenset[int]) -> str:
    out, at, on = list[str](), 0, False
    for index, piece in enumerate(pieces):
        if index % 2:
            # A reset within a match ends the reverse too.
            out.append(piece + (_ON if on else ""))
            continue
        for character in piece:
            if (at in lit) != on:
                on = not on
                out.append(_ON if on else _OFF)
            out.append(character)
            at += 1
    return "".join(out) + (_OFF if on else "")


def words(text: str) -> re.Pattern[str] | None:
    """The words of a search, as they are matched: each, or its beginning; in double quotes a phrase."""
    parts = text.split('"')
    found = [word for at, part in enumerate(parts) for word in ([part.strip()] if at % 2 else part.split())]
    escaped = [re.escape(word) for word in sorted(found, key=len, reverse=True) if any(c.isalnum() for c in word)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped)})", re.IGNORECASE) if escaped else None
