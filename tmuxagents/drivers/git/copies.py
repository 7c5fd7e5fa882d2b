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
from typing import Any

from tmuxagents.drivers import files
from tmuxagents.drivers.git import worktree
from tmuxagents.drivers.git.work import Work
from tmuxagents.value import replace

_NOTE = "tmuxagents-brought"
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
    return {str(path): str(was) for path, was in _read(admin, "brought").items()}


def note(admin: str, top: str, what: Mapping[str, str]) -> None:
    """Keep the note of what lies there now."""
    path = os.path.join(admin, _NOTE)
    if what or os.path.lexists(path):
        stamps = {name: _stamp(os.path.join(top, name)) for name in what}
        files.write_whole(Path(path), json.dumps({"v": 1, "brought": dict(what), "stamps": stamps}))


def begin(admin: str, top: str, paths: Iterable[str]) -> None:
    """Note what is about to be brought: whoever is killed in the middle leaves that much."""
    note(admin, top, {**dict.fromkeys(paths, _BEGUN), **brought(admin)})


def _read(admin: str, what: str) -> Mapping[str, Any]:
    """Empty where there is none, or it is not as we write it: who works there can write it too."""
    try:
        found = json.loads(files.read_from(Path(os.path.join(admin, _NOTE)), 0, 1 << 26))[what]
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _stamp(path: str) -> list[int] | None:
    """Size and time, without what is in it."""
    try:
        about = os.lstat(path)
    except OSError:
        return None
    return [about.st_size, about.st_mtime_ns]


def are_ours(top: str, paths: Iterable[str], known: Mapping[str, str]) -> frozenset[str]:
    """Those of the paths that lie there as they were brought."""
    return frozenset(path for path in paths if known.get(path) and fingerprint(os.path.join(top, path)) == known[path])


def others(top: bytes, names: Sequence[bytes]) -> list[bytes]:
    """The untracked files of a worktree without those that lie there as they were brought. One that has its size and
    its time still is not read: this is asked again and again, of files of any size."""
    place = os.fsdecode(top)
    admin = worktree.admin_of(place) if names else None
    known = brought(admin) if admin is not None else {}
    if admin is None or not known:
        return list(names)
    stamps = {path: stamp for path, stamp in _read(admin, "stamps").items() if isinstance(stamp, list)}
    mentioned = {name: path for name in names if known.get(path := os.fsdecode(name))}
    now = {path: _stamp(os.path.join(place, path)) for path in mentioned.values()}
    same = {path for path, stamp in now.items() if stamp is not None and stamp == stamps.get(path)}
    touched = [
        path for path, stamp in now.items() if stamp and path not in same and stamp[:1] == stamps.get(path, [])[:1]
    ]
    same |= are_ours(place, touched, known)
    return [name for name in names if mentioned.get(name) not in same]


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
    return now is not None and bool(was) and now != was and not was.startswith("link ")
