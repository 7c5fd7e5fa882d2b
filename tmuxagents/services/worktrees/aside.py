"""Lay aside what was brought into a worktree, so that the rest of it need not be kept a second time."""

from __future__ import annotations

import contextlib
import os
import shutil

from tmuxagents.drivers.git import copies
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import trash
from tmuxagents.services.worktrees.trash import Kept


def lay(app: App, kept: Kept) -> None:
    """Move every file and link that is as it was brought out of the folder in the trash. Each is moved in one step:
    whoever brings the worktree back finds it in the one place or the other."""
    known = copies.brought(kept.admin_kept)
    for path in sorted(copies.are_ours(kept.tree, known, known)):
        place = os.path.join(_folder(app, kept), path)
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        os.rename(os.path.join(kept.tree, path), place)
        _drop_empty(kept.tree, os.path.dirname(path))


def bring_back(app: App, kept: Kept) -> None:
    """Move them back into the worktree. What lies there already stays as it is."""
    aside = _folder(app, kept)
    for folder, _, names in os.walk(aside):
        links = [name for name in os.listdir(folder) if os.path.islink(os.path.join(folder, name))]
        for name in dict.fromkeys([*names, *links]):
            path = os.path.relpath(os.path.join(folder, name), aside)
            place = os.path.join(kept.worktree.path, path)
            if not os.path.lexists(place):
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.move(os.path.join(aside, path), place)


def _folder(app: App, kept: Kept) -> str:
    return str(trash.place(app, kept.id) / "brought")


def _drop_empty(top: str, folder: str) -> None:
    """A folder that had nothing else, unless its mode is one that would not come back."""
    mask = os.umask(0o077)
    os.umask(mask)
    with contextlib.suppress(OSError):
        while folder and os.lstat(os.path.join(top, folder)).st_mode & 0o7777 == 0o777 & ~mask:
            os.rmdir(os.path.join(top, folder))
            folder = os.path.dirname(folder)
