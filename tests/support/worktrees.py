"""A repository whose worktrees belong to agents, what git says of it, and everything that lies in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import made
from tests.support.repository import AS_SOMEBODY
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition
from tmuxagents.model.worktree import Worktree


def git(folder: Path, *args: str | bytes, **more: Any) -> str:
    """What git answers there, as somebody."""
    argv = ["git", "-C", str(folder), *AS_SOMEBODY, "-c", "protocol.file.allow=always", *args]
    done = subprocess.run(argv, check=True, capture_output=True, **more)
    return os.fsdecode(done.stdout).strip()


@dataclass(frozen=True, slots=True)
class Project:
    """A main checkout with a commit, and worktrees beside it."""

    main: Path

    @property
    def common(self) -> Path:
        """git's own directory."""
        return self.main / ".git"

    def worktree(self, name: str) -> Path:
        """Where that agent works; made when it is asked for first."""
        path = self.main.parent / "trees" / name
        if not path.exists():
            git(self.main, "worktree", "add", "-q", "-b", f"t/{name}", str(path), "HEAD")
        return path

    def record(self, name: str, **changes: Any) -> Worktree:
        """What an agent's row says of it."""
        path = self.worktree(name)
        base = git(self.main, "rev-parse", "HEAD")
        values: dict[str, Any] = {"branch": f"t/{name}", "base": base, "own": True, "own_branch": True, **changes}
        return Worktree(str(self.common), str(path), **values)

    def agent(self, name: str, **changes: Any) -> Agent:
        """The agent that works there."""
        worktree = self.record(name, **changes)
        return made.agent(name, dir=worktree.path, worktree=worktree, condition=Condition(state="idle"))


def make(folder: Path) -> Project:
    """A few files of every sort, committed."""
    main = folder / "main"
    main.mkdir(parents=True)
    git(main, "init", "-q", "-b", "main")
    (main / "text").write_text("".join(f"line {number}\n" for number in range(1, 21)))
    (main / "other").write_text("other\n")
    (main / "deep" / "er").mkdir(parents=True)
    (main / "deep" / "er" / "file").write_text("deep\n")
    (main / "binary").write_bytes(bytes(range(256)))
    (main / "link").symlink_to("text")
    (main / ".gitignore").write_text("*.ignored\n")
    git(main, "add", "-A")
    git(main, "commit", "-q", "-m", "first")
    return Project(main)


def commit(folder: Path, message: str = "more") -> str:
    """Commit everything that is there."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def truth(folder: Path) -> str:
    """The tree of everything that lies there and is not ignored, made in a repository that has nothing else."""
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / "copy"
        shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        git(copy, "init", "-q")
        git(copy, "add", "-A", "-f" if not (folder / ".gitignore").exists() else "-A")
        return git(copy, "write-tree")


def everything(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file below, git's own too: its mode, when it was written, what is in it. Of an object only that it is
    there: git renews its time whenever anybody would write it again, and that of a shared index at every look."""
    found = {}
    for place, folders, names in os.walk(os.fsencode(folder)):
        for name in [*folders, *names]:
            path = os.path.join(place, name)
            about = os.lstat(path)
            if os.path.islink(path):
                held = os.readlink(path)
            elif os.path.isdir(path):
                held = b""
            else:
                with open(path, "rb") as file:
                    held = file.read()
            timeless = os.path.isdir(path) or b"/objects/" in path or b"/sharedindex." in path
            written = 0 if timeless else about.st_mtime_ns
            found[os.fsdecode(path)] = (about.st_mode, written, hashlib.sha256(held).hexdigest())
    return found
