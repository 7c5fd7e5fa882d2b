"""What was brought into a worktree from the main checkout, as it was then: a note in git's own directory of it.

There it goes where the worktree goes: moved with it, put into the trash with it, gone with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tmuxagents.drivers import files
from tmuxagents.drivers.git.work import Work
from tmuxagents.value import replace

_NOTE = "tmuxagents-brought"
_LONGEST = 8192
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
_BEGUN = ""
"""Stands for what is not known yet: it was about to be brought."""


def fingerprint(path: str) -> str | None:
    """What lies there: mode and content of a file, the target of a link. None where neither does."""
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            return f"link {os.readlink(path)}"
        if not stat.S_ISREG(mode):
            return None
        with os.fdopen(os.open(path, _READ), "rb") as file:
            return f"{stat.S_IMODE(mode):o} {hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError:
        return None


def brought(admin: str) -> dict[str, str]:
    """The fingerprint of everything that was brought, by its path from the top."""
    try:
        known = json.loads(files.read_from(Path(os.path.join(admin, _NOTE)), 0, 1 << 26))["brought"]
        return {str(path): str(was) for path, was in known.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def note(admin: str, what: Mapping[str, str]) -> None:
    """Keep the note."""
    if what or os.path.lexists(os.path.join(admin, _NOTE)):
        files.write_whole(Path(os.path.join(admin, _NOTE)), json.dumps({"v": 1, "brought": dict(what)}))


def begin(admin: str, paths: Iterable[str]) -> None:
    """Note what is about to be brought: whoever is killed in the middle leaves that much."""
    note(admin, {**dict.fromkeys(paths, _BEGUN), **brought(admin)})


def are_ours(top: str, paths: Iterable[str], known: Mapping[str, str]) -> frozenset[str]:
    """Those of the paths that lie there as they were brought."""
    return frozenset(path for path in paths if known.get(path) and fingerprint(os.path.join(top, path)) == known[path])


def others(top: bytes, names: Sequence[bytes]) -> list[bytes]:
    """The untracked files of a worktree without those that lie there as they were brought."""
    admin = _admin(os.fsdecode(top)) if names else None
    known = brought(admin) if admin is not None else {}
    ours = are_ours(os.fsdecode(top), map(os.fsdecode, names), known) if known else frozenset()
    return [name for name in names if os.fsdecode(name) not in ours]


def judged(held: Work, top: str, admin: str) -> Work:
    """What a worktree holds, seen with what was brought: that is no work as long as it is as it was, and is where it
    was changed, ignored or not."""
    known = brought(admin)
    if not known:
        return held
    ours = are_ours(top, [*held.untracked, *held.ignored], known)
    changed = [path for path in known if _is_ignored(path, held.ignored) and _is_changed(top, path, known[path])]
    left = {field: [name for name in getattr(held, field) if name not in ours] for field in ("untracked", "ignored")}
    return replace(held, **left, copies=changed)


def _is_ignored(path: str, ignored: Sequence[str]) -> bool:
    return any(path == name or (name.endswith("/") and path.startswith(name)) for name in ignored)


def _is_changed(top: str, path: str, was: str) -> bool:
    now = fingerprint(os.path.join(top, path))
    # What took the place of a link was built there.
    return now is not None and now != was and not was.startswith("link ")


def _admin(top: str) -> str | None:
    """git's own directory of a worktree; None for a main checkout."""
    try:
        said = os.fsdecode(files.read_start(os.path.join(top, ".git"), _LONGEST)).strip()
    except (OSError, ValueError):
        return None
    return os.path.join(top, said.removeprefix("gitdir: ")) if said.startswith("gitdir: ") else None
