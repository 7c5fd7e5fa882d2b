"""Comments in a diff: what is given to a reviewer, what came back, and what an agent is told of it.

A comment is a line that begins with `>>`, below what it is about. No line of a diff does: those of a file begin with
a blank, `+`, `-` or a backslash, git's own with a letter or `@`, and a name with a line break in it is quoted. What an
editor might take for a line break is shown as text (`^M`), so that no file can put a comment into a review.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher

from tmuxagents.output.diff_text import Place, places
from tmuxagents.output.painted import seen
from tmuxagents.value import Value

MARK = ">>"

OURS = "#"
"""What a line begins with that is neither the diff's nor a comment."""

_QUOTED = 3
"""Lines that are quoted at most: the one above the comment, and those before it."""

_WORTHWHILE = 20_000_000
"""Lines of both texts, multiplied, up to which the very best match is looked for."""


class Comment(Value):
    """`path` and `line` as in `Place`; `removed` says that the line is one of the old file. `quoted` are the lines of
    the diff that it is about, the last of them above all."""

    path: str | None
    line: int | None
    removed: bool
    quoted: tuple[str, ...]
    text: str


class Read(Value):
    """`strays` are lines that are neither in the diff nor comments: changed by accident, or without the mark."""

    comments: tuple[Comment, ...]
    strays: tuple[str, ...]


def shown(diff: bytes) -> list[str]:
    """The lines of a diff as a reviewer gets them."""
    return [seen(line) for line in _lines(diff)]


def _lines(diff: bytes) -> list[str]:
    rows = diff.decode("utf-8", "surrogateescape").split("\n")
    return rows if rows[-1] else rows[:-1]


def without_comments(text: str) -> bytes:
    """The diff alone, where nobody else has it."""
    return "".join(f"{row}\n" for row in _rows(text) if not row.startswith((MARK, OURS))).encode(
        "utf-8", "surrogateescape"
    )


def read(text: str, diff: bytes) -> Read:
    """What was written into that diff. Its lines may have been changed or deleted: they count as they were."""
    lines = _lines(diff)
    known = places(lines)
    kept: list[str] = []
    written: list[tuple[int, str]] = []
    for row in _rows(text):
        if row.startswith(MARK):
            written.append((len(kept), row.removeprefix(MARK).removeprefix(" ")))
        elif not row.startswith(OURS):
            kept.append(row)
    matched, strays = _matched(shown(diff), kept)
    comments = _comments(written, matched)
    return Read(tuple(_about(at, said, lines, known) for at, said in comments), tuple(strays))


def _rows(text: str) -> list[str]:
    rows = [row.rstrip("\r") for row in text.removeprefix("\ufeff").split("\n")]
    while rows and not rows[-1].strip():
        rows.pop()
    return rows


def _matched(original: Sequence[str], kept: Sequence[str]) -> tuple[list[int | None], list[str]]:
    """Which line of the diff each line is that was given back, and those that are none. An editor may take away the
    blanks at the end of a line."""
    ours, theirs = [row.rstrip() for row in original], [row.rstrip() for row in kept]
    if ours == theirs:
        return list(range(len(ours))), []
    found: list[int | None] = [None] * len(theirs)
    strays: list[str] = []
    matcher = SequenceMatcher(None, ours, theirs, autojunk=len(ours) * len(theirs) > _WORTHWHILE)
    for how, a, a_end, b, b_end in matcher.get_opcodes():
        pairs = min(a_end - a, b_end - b)
        found[b : b + pairs] = range(a, a + pairs)
        if how != "equal":
            strays += [row for row in kept[b:b_end] if row.strip()]
    return found, strays


def _comments(written: Sequence[tuple[int, str]], matched: Sequence[int | None]) -> list[tuple[int, str]]:
    """The texts, each with the line of the diff above it, -1 where none is; those below one line are one."""
    found: dict[int, list[str]] = {}
    last = -1
    for before, said in written:
        above = [at for at in matched[:before] if at is not None] if before else []
        place = max(above, default=-1)
        if place in found and before != last:
            found[place].append("")
        found.setdefault(place, []).append(said)
        last = before
    whole = ((place, "\n".join(rows).strip("\n")) for place, rows in found.items())
    return [(place, said) for place, said in whole if said.strip()]


def _about(at: int, said: str, lines: Sequence[str], known: Sequence[Place]) -> Comment:
    if at < 0 or known[at].path is None:
        return Comment(None, None, False, (), said)
    if known[at].kind == "hunk" and known[at].line is None:
        # It is about the line that has no line break at its end.
        at -= 1
    place = known[at]
    if place.kind == "file":
        return Comment(place.path, None, False, (), said)
    first, end = (at + 1, at + 1 + _QUOTED) if place.kind == "hunk" else (max(0, at + 1 - _QUOTED), at + 1)
    numbers = _in_hunk(range(first, min(end, len(known))), at, known)
    quoted = [seen(lines[number].removesuffix("\r")) for number in numbers]
    return Comment(place.path, place.line, place.kind == "removed", tuple(quoted), said)


def _in_hunk(numbers: Collection[int], at: int, known: Sequence[Place]) -> Iterator[int]:
    """Those of the same hunk that are lines of the file."""
    for number in numbers:
        between = known[min(number, at + 1) : max(number, at)]
        lines = all(place.line is not None and place.kind not in ("file", "hunk") for place in between)
        if lines and known[number].kind in ("context", "added", "removed"):
            yield number


def message(comments: Sequence[Comment], changed: Collection[str]) -> str:
    """What the agent is told, in one text; `changed` are the files that are not as they were when they were read."""
    count = f"{len(comments)} {'comment' if len(comments) == 1 else 'comments'}"
    about = "The quoted lines are from the diff, the last of them is the one that a comment is about."
    parts = [f"A review of your changes, {count}. {about}"]
    for number, comment in enumerate(comments, 1):
        head = f"{number}. {_where(comment, comment.path in changed)}:"
        parts.append("\n".join([head, *(f"> {line}" for line in comment.quoted), comment.text]))
    return "\n\n".join(parts)


def _where(comment: Comment, changed: bool) -> str:
    if comment.path is None:
        return "On the whole"
    place = named(comment.path)
    if comment.line is not None:
        place += f", line {comment.line}" + (" of the file before (removed)" if comment.removed else "")
    return place + (" (the file has changed since)" if changed else "")


def named(path: str) -> str:
    """A file's name as git writes it: quoted where a byte of it cannot be shown."""
    if path.isprintable() and '"' not in path:
        return path
    raw = path.encode("utf-8", "surrogateescape")
    return '"' + re.sub(rb"[^ !#-\[\]-~]", lambda found: b"\\%03o" % found[0][0], raw).decode() + '"'
