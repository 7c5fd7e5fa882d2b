"""What was put away: its record, how it is found, how it is deleted for good."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

from tmuxagents.drivers import files
from tmuxagents.drivers.git import call, snapshot
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model import codec
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.value import Value

_RECORD = "record.json"


class Kept(Value):
    """A worktree in the trash. `tree` is where its folder lies whole, empty where every file is in the commit under
    `ref`; `admin` is where git's own directory of it was, and `admin_kept` where it is. `tip` is where its branch
    was, None where that was not made for the agent and stays. `done`: nothing of the removal is left to do. `gone`: the
    folder was not there any more, and nothing of it could be kept but what git has; `anew`: it is being checked
    out once more."""

    id: str
    agent_id: str
    agent: str
    at_ns: int
    worktree: Worktree
    folder: str
    head: str | None
    tip: str | None
    tree: str
    admin: str
    admin_kept: str
    size: int
    done: bool
    gone: bool = False
    anew: bool = False

    @property
    def ref(self) -> str:
        """What keeps its objects."""
        return f"{snapshot.TRASH}/{self.id}"

    @property
    def common(self) -> str:
        """The repository."""
        return self.worktree.repository


def place(app: App, ident: str) -> Path:
    """The folder of one of them."""
    return app.state / "trash" / ident


def write(app: App, kept: Kept) -> Kept:
    """Record it."""
    folder = files.private_folder(files.private_folder(app.state / "trash") / kept.id)
    files.write_whole(folder / _RECORD, json.dumps(codec.encode(kept)))
    return kept


def known(app: App) -> list[Kept]:
    """All that are in the trash, the oldest first, those too whose removal was cut off."""
    found = [_read(path) for path in (app.state / "trash").glob(f"*/{_RECORD}")]
    return sorted((kept for kept in found if kept is not None), key=lambda kept: kept.at_ns)


def _read(path: Path) -> Kept | None:
    """None where it is not as we write it: what it names is moved and deleted."""
    try:
        kept = codec.decode(Kept, json.loads(files.read_whole(path)))
        right = kept.id == path.parent.name and kept.admin_kept == kept_admin(kept.common, kept.id)
        return kept if right and kept.tree in ("", str(path.parent / "tree"), beside(kept)) else None
    except (OSError, ValueError, TypeError):
        return None


def kept_admin(common: str, ident: str) -> str:
    """Where git's own directory of a worktree is kept: on the repository's disk, and where git looks for nothing."""
    return os.path.join(common, "tmuxagents", ident, "admin")


def beside(kept: Kept) -> str:
    """Where the folder lies when the state is on another disk."""
    return os.path.join(os.path.dirname(kept.worktree.path), f".tmuxagents-trash-{kept.id}")


def of_agent(app: App, agent_id: str) -> Kept | None:
    """The newest of an agent."""
    return next((kept for kept in reversed(known(app)) if kept.agent_id == agent_id), None)


def delete_tree(folder: str) -> None:
    """Delete a folder that lies in the trash."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def discard(app: App, kept: Kept) -> None:
    """Delete it for good."""
    for folder in (kept.tree, kept.admin_kept):
        if folder:
            delete_tree(folder)
    drop(app, kept)


def drop(app: App, kept: Kept) -> None:
    """Delete what keeps it in the repository, and its record last."""
    with contextlib.suppress(TmuxagentsError):
        # A repository that is gone keeps nothing.
        call.unasked(kept.common, "update-ref", "-d", kept.ref)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(kept.admin_kept))
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(place(app, kept.id))
