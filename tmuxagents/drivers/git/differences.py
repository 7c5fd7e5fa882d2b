"""Which files differ between two trees, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tmuxagents.drivers.git.held import Runs
from tmuxagents.value import Value

_EMPTY = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class Change(Value):
    """One file. `before` is what it was called, where it was renamed or copied; `status` git's letter (`A`, `M`, `D`,
    `R`, `C`, `T`); the counts are None for what has no lines."""

    path: bytes
    before: bytes | None
    status: str
    insertions: int | None
    deletions: int | None


def empty(like: str) -> str:
    """The tree without a file, in a repository whose names are like that one."""
    return _EMPTY[len(like)]


def between(git: Runs, before: str, after: str) -> list[Change]:
    """What would have to be changed in `before` to have `after`; both a tree or a commit."""
    if before == after:
        return []
    words = ("-r", "-M", "-z", "--raw", "--numstat", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    return list(_read(git.run("diff-tree", *words, before, after).split(b"\0")))


def _read(fields: Sequence[bytes]) -> Iterator[Change]:
    """All the raw rows come first, then all the counts."""
    letters: dict[bytes, str] = {}
    rest = iter(fields)
    for row in rest:
        if row.startswith(b":"):
            letter = row.rsplit(b" ", 1)[1][:1].decode()
            path = next(rest)
            letters[next(rest) if letter in "RC" else path] = letter
        elif row:
            plus, minus, path = row.split(b"\t", 2)
            before = None
            if not path:
                before, path = next(rest), next(rest)
            yield Change(path, before, letters.get(path, "M"), _count(plus), _count(minus))


def _count(text: bytes) -> int | None:
    return None if text == b"-" else int(text)
