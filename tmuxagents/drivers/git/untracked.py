"""The files of a checkout that git does not track: which patterns mean them, and which are not ignored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from tmuxagents.drivers.git import call
from tmuxagents.settings import patterns
from tmuxagents.settings.patterns import Pattern


def meant(top: str, sets: Sequence[Sequence[Pattern]]) -> list[str]:
    """Their paths from the top. A folder that git knows nothing in is gone into only where a pattern means it, or
    leads into it: `.env` is not looked for in `node_modules`. Repositories within are left out."""
    places = {one.place for each in sets for one in each if not one.negated}
    names: set[str] = set()
    if "" in places:
        for name in _listed(top, "--directory"):
            if not name.endswith("/"):
                names.add(name)
            elif any(patterns.matches(each, name[:-1], folder=True) for each in sets):
                places.add(name[:-1])
    there = sorted(place for place in places if place and os.path.lexists(os.path.join(top, place)))
    if there:
        names |= set(_listed(top, "--", *there))
    files = (name for name in names if not name.endswith("/"))
    return sorted(name for name in files if any(patterns.matches(each, name) for each in sets))


def not_ignored(top: str, paths: Sequence[str]) -> list[str]:
    """Those of the paths that `git add --all` would take."""
    names = b"".join(os.fsencode(path) + b"\0" for path in paths)
    raw = call.asked(top, "check-ignore", "-z", "--stdin", stdin=names, good=(0, 1))
    ignored = {os.fsdecode(name) for name in raw.split(b"\0")}
    return [path for path in paths if path not in ignored]


def _listed(top: str, *words: str) -> Iterable[str]:
    raw = call.asked(top, "--literal-pathspecs", "ls-files", "--others", "-z", *words)
    return (os.fsdecode(name) for name in raw.split(b"\0") if name)
