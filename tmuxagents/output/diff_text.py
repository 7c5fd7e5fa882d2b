"""Where each line of a diff is: in which file, on which side, at which line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from tmuxagents.value import Value

Kind = Literal["outside", "file", "hunk", "context", "added", "removed"]

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}

# What a line of a file begins with in a diff. A line that is empty there has lost its blank in an editor.
_KINDS: dict[str, Kind] = {" ": "context", "": "context", "+": "added", "-": "removed"}


class Place(Value):
    """`path` is that of the new side, of the old where the file is gone; None before the first file. `line` counts in
    the old file where it was removed, else in the new one; of a hunk's head it is where that begins, and of what is no
    line of a file None."""

    kind: Kind
    path: str | None
    line: int | None


class _At(Value, frozen=False):
    """How far a diff has been read."""

    path: str | None = None
    gone: bool = False
    old: int = 0
    new: int = 0
    old_left: int = 0
    new_left: int = 0


def places(lines: Sequence[str]) -> list[Place]:
    """One for each line, without its line break. The prefixes of git's names have to be `a/` and `b/`."""
    return list(_places(lines))


def _places(lines: Sequence[str]) -> Iterator[Place]:
    at = _At()
    for line in lines:
        if (at.old_left or at.new_left) and (kind := _KINDS.get(line[:1])) is not None:
            yield _within(at, kind)
        elif line.startswith("\\"):
            # `\ No newline at end of file`
            yield Place("hunk", at.path, None)
        elif found := _HUNK.match(line):
            at.old, at.new = int(found[1]), int(found[3])
            at.old_left, at.new_left = (int(count or 1) for count in (found[2], found[4]))
            yield Place("hunk", at.path, at.new if at.new_left else at.old)
        else:
            yield _head(at, line)


def _within(at: _At, kind: Kind) -> Place:
    """A line of a file. It is counted, so a line of a file that looks like a head of git's is none."""
    line = at.old if kind == "removed" else at.new
    if kind != "added":
        at.old, at.old_left = at.old + 1, max(0, at.old_left - 1)
    if kind != "removed":
        at.new, at.new_left = at.new + 1, max(0, at.new_left - 1)
    return Place(kind, at.path, line)


def _head(at: _At, line: str) -> Place:
    if line.startswith("diff --git "):
        at.path, at.old_left, at.new_left = _of_both(line.removeprefix("diff --git ")), 0, 0
    elif line.startswith(("rename to ", "copy to ")):
        at.path = _name(line.partition(" to ")[2])
    elif line.startswith("+++ ") and not line.startswith("+++ /dev/null"):
        at.path = _name(line.removeprefix("+++ ")).removeprefix("b/")
    return Place("outside" if at.path is None else "file", at.path, None)


def _of_both(names: str) -> str:
    """The name where both are the same but for the prefix; where they are not, other heads say it."""
    found = _QUOTED.match(names)
    if found is not None:
        return _unquoted(found[1]).removeprefix("a/")
    return names[: len(names) // 2].removeprefix("a/")


def _name(given: str) -> str:
    # Behind a name with a blank in it git writes a tab.
    found = _QUOTED.match(given)
    return _unquoted(found[1]) if found is not None else given.removesuffix("\t")


def _unquoted(inside: str) -> str:
    """As git quotes a name of bytes that cannot be shown."""
    raw = _ESCAPE.sub(_escaped, inside.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def _escaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    return bytes([int(said, 8) & 0xFF]) if len(said) == 3 else _ESCAPED.get(said, said)
