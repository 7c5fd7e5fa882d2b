"""What a work tree holds now, as one tree: committed, staged, unstaged and untracked together.

What lies there counts, however it was staged; what is ignored does not, nor a repository within this one, nor what was
brought from the main checkout and is as it was.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Sequence
from typing import Protocol

from tmuxagents.drivers.git import copies, places
from tmuxagents.errors import GitFailed, TooMuch
from tmuxagents.value import Value

_TRIES = 3
"""An agent may be writing: a file that grows or goes while it is read has git give up."""

_LOOK = ("--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=dirty")
"""Of a submodule its commit counts, which git reads from a file. To see its work git would be run in it, with that
one's configuration."""


class Runs(Protocol):
    """git with an index and an object store that may be written to: `apart.Apart` or `copied.Copied`."""

    def run(self, *words: str | bytes, stdin: bytes = b"") -> bytes:
        """What it answers."""


class Most(Value):
    """How many files that are not committed, and how many bytes in them, are looked at."""

    files: int
    size: int


class Held(Value):
    """`loose` are the files that are not committed as they are, from the top; `within` the repositories that were
    left out; `newest_ns` when a loose file was written last, None where none is there. `unmerged`: git holds several
    versions of a file, and what lies there may have its marks in it."""

    tree: str
    loose: Sequence[bytes]
    within: Sequence[bytes]
    newest_ns: int | None
    unmerged: bool = False


def look(git: Runs, top: str, most: Most | None = None, *, unfiltered: bool = False) -> Held:
    """Everything that is there. `GitFailed` where a file cannot be read, `TooMuch` where there is more than `most`.
    `unfiltered`: git does not know the filters that have made some of the files."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(GitFailed):
            return _look(git, os.fsencode(top), most, unfiltered)
    return _look(git, os.fsencode(top), most, unfiltered)


def _look(git: Runs, top: bytes, most: Most | None, unfiltered: bool) -> Held:
    raw = git.run("status", *_LOOK)
    changed, staged, untracked = by_kind(raw)
    untracked = copies.others(top, untracked)
    if unfiltered and changed:
        made = as_made(git, top, changed)
        changed = [path for path in changed if path not in made]
    within = [path for path in untracked if path.endswith(b"/")]
    names = [*changed, *(path for path in untracked if not path.endswith(b"/"))]
    there = [path for path in names if _can_be_taken(top, path)]
    if most is not None:
        _refuse_more(top, names, there, most)
    taken = frozenset(there)
    _take_out(git, [path for path in names if path not in taken])
    if there:
        # `--replace`: a folder may stand where a file was, or the other way round.
        stdin = b"".join(path + b"\0" for path in there)
        git.run("update-index", "--add", "--remove", "--replace", "-z", "--stdin", stdin=stdin)
    # Of a partial clone not every object is here.
    tree = git.run("write-tree", "--missing-ok").strip().decode()
    unmerged = any(row.startswith(b"u ") for row in raw.split(b"\0"))
    return Held(tree, sorted({*names, *staged}), within, _newest(top, there), unmerged)


def by_kind(raw: bytes) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """What `status --porcelain=v2 -z --no-renames` names: tracked files that are not as the index has them, those of
    which the index has something new, and untracked ones."""
    changed: list[bytes] = []
    staged: list[bytes] = []
    untracked: list[bytes] = []
    for row in raw.split(b"\0"):
        if row[:1] == b"u":
            changed.append(row.split(b" ", 10)[-1])
        elif row[:1] == b"1":
            path = row.split(b" ", 8)[-1]
            staged += [path] if row[2:3] != b"." else []
            changed += [path] if row[3:4] != b"." else []
        elif row[:2] == b"? ":
            untracked.append(row[2:])
    return changed, staged, untracked


_ENTRY = re.compile(
    rb"([^\0]+)\0  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n  dev: \d+\tino: (\d+)\n"
    rb"  uid: .*\n  size: (\d+)\tflags: .*\n"
)
"""What `ls-files --debug -z` tells of a file."""


_NAMED = 500
"""So many files are asked for by name; for more the whole index is read."""


def as_made(git: Runs, top: bytes, paths: Sequence[bytes]) -> frozenset[bytes]:
    """Those that are the very files which git wrote: of that time to the nanosecond, that place and that size.

    git itself looks at whole seconds (Debian's 2.39 is built without USE_NSEC), and reads again what is as old as
    the index: right after a checkout everything, and without the filter that made it a file seems to be another.
    """
    found, asked = set(), frozenset(paths)
    named = paths if len(paths) <= _NAMED else ()
    raw = git.run("--literal-pathspecs", "ls-files", "--debug", "-z", "--", *named)
    for path, *numbers in _ENTRY.findall(raw):
        if path not in asked:
            continue
        changed_s, changed_ns, written_s, written_ns, place, size = map(int, numbers)
        with contextlib.suppress(OSError):
            about = os.lstat(os.path.join(top, path))
            times = changed_s * 10**9 + changed_ns, written_s * 10**9 + written_ns
            if (about.st_ctime_ns, about.st_mtime_ns, about.st_ino % 2**32, about.st_size) == (*times, place, size):
                found.add(path)
    return frozenset(found)


def _can_be_taken(top: bytes, path: bytes) -> bool:
    """Whether it is there: a file or a link, in folders that are none; or a submodule."""
    mode = places.mode_of(top, path)
    if stat.S_ISDIR(mode):
        return os.path.lexists(os.path.join(top, path, b".git"))
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _take_out(git: Runs, gone: Sequence[bytes]) -> None:
    if gone:
        # Not `--remove`: that stops at a file in a folder which is a link by now.
        length = len(git.run("hash-object", "--stdin").strip())
        zero = b"0 " + b"0" * length + b"\t"
        git.run("update-index", "-z", "--index-info", stdin=b"".join(zero + path + b"\0" for path in gone))


def _refuse_more(top: bytes, names: Sequence[bytes], there: Sequence[bytes], most: Most) -> None:
    if len(names) > most.files:
        raise TooMuch(f"{len(names)} files are not committed, which is too much to look at unasked", hint="git status")
    size = 0
    for path in there:
        with contextlib.suppress(OSError):
            size += os.lstat(os.path.join(top, path)).st_size
    if size > most.size:
        raise TooMuch(f"{size / 1e6:.0f} MB are not committed, which is too much to look at unasked", hint="git status")


def _newest(top: bytes, there: Sequence[bytes]) -> int | None:
    times = []
    for path in there:
        with contextlib.suppress(OSError):
            times.append(os.lstat(os.path.join(top, path)).st_mtime_ns)
    return max(times, default=None)
