"""Try a merge without a work tree: what would come of it, and where it would stop."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from tmuxagents.errors import GitFailed
from tmuxagents.value import Value


class Judges(Protocol):
    """git that may end with more than 0."""

    def run(self, *words: str | bytes, stdin: bytes = b"", good: Collection[int] = (0,)) -> bytes:
        """What it answers."""


class Hunk(Value):
    """Lines that both changed: those of the one, those of the other."""

    ours: bytes
    theirs: bytes


class Clash(Value):
    """One thing that git could not settle: `what` in its own word (`contents`, `modify/delete`, …), the files that it
    is about, and of contents the hunks."""

    what: str
    paths: Sequence[bytes]
    hunks: Sequence[Hunk] = ()


class Outcome(Value):
    """The merged tree, None where nothing was merged because the histories have nothing in common."""

    tree: str | None
    clashes: Sequence[Clash]

    @property
    def is_clean(self) -> bool:
        """Whether it goes through by itself."""
        return self.tree is not None and not self.clashes


def attempt(git: Judges, ours: str, theirs: str, *, hunks: bool = False) -> Outcome:
    """Merge two commits, in the object store alone."""
    try:
        raw = git.run("merge-tree", "--write-tree", "-z", "--messages", ours, theirs, good=(0, 1))
    except GitFailed as error:
        if "unrelated histories" in error.message:
            return Outcome(None, [Clash("unrelated histories", [])])
        raise
    tree, told = _read(raw)
    known = [_with_hunks(git, tree, clash, (ours, theirs)) for clash in told] if hunks else told
    return Outcome(tree, [_as_named(clash, (ours, theirs)) for clash in known])


def _as_named(clash: Clash, names: tuple[str, str]) -> Clash:
    """A file that makes room for a folder is called `file~COMMIT` by git; nobody else calls it so."""
    aside = re.compile(rb"~(?:%s|%s)(?:_\d+)?\Z" % (names[0].encode(), names[1].encode()))
    paths = dict.fromkeys(aside.sub(b"", path) for path in clash.paths)
    return Clash(clash.what, list(paths), clash.hunks)


def _read(raw: bytes) -> tuple[str, list[Clash]]:
    """The tree, the rows of the stages up to an empty one, then the messages."""
    fields = iter(raw.split(b"\0"))
    tree = next(fields).decode()
    for row in fields:
        if not row:
            break
    told = list(_clashes(fields))
    # Of one that has no lines git says twice that it could not.
    binary = {tuple(clash.paths) for clash in told if clash.what == "binary"}
    return tree, [clash for clash in told if clash.what == "binary" or tuple(clash.paths) not in binary]


def _clashes(fields: Iterator[bytes]) -> Iterator[Clash]:
    """A message is the number of its paths, those, its type and its words. The words are for people."""
    for count in fields:
        if not count.strip():
            continue
        paths = [next(fields) for _ in range(int(count))]
        kind = next(fields)
        next(fields)
        if kind.startswith(b"CONFLICT"):
            yield Clash(kind.partition(b"(")[2].rstrip(b")").decode(), paths)


def _with_hunks(git: Judges, tree: str, clash: Clash, names: tuple[str, str]) -> Clash:
    if clash.what != "contents":
        return clash
    try:
        text = git.run("cat-file", "blob", b"%s:%s" % (tree.encode(), clash.paths[0]))
    except GitFailed:
        # A submodule's.
        return clash
    return Clash(clash.what, clash.paths, list(_hunks(text, *(name.encode() for name in names))))


def _hunks(text: bytes, ours: bytes, theirs: bytes) -> Iterator[Hunk]:
    """Between markers that bear the names of the two commits: no text can hold the name of a commit that holds it."""
    mine, other, side = b"", b"", ""
    for line in text.splitlines(keepends=True):
        if line.startswith(b"<<<<<<<") and ours in line:
            mine, other, side = b"", b"", "ours"
        elif line.startswith(b">>>>>>>") and theirs in line:
            yield Hunk(mine, other)
            side = ""
        elif side and line.startswith(b"|||||||"):
            side = "base"
        elif side in ("ours", "base") and line.rstrip(b"\r\n") == b"=======":
            side = "theirs"
        elif side == "ours":
            mine += line
        elif side == "theirs":
            other += line
