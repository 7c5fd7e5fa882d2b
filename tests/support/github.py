"""GitHub as far as we know it: a bare repository as the remote, and a stand-in `gh` that answers of it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import gh_program
from tests.support.worktrees import Project, git

FAILED: dict[str, Any] = {
    "__typename": "CheckRun",
    "name": "test",
    "workflowName": "ci",
    "status": "COMPLETED",
    "conclusion": "FAILURE",
    "startedAt": "2026-01-31T09:30:00Z",
    "completedAt": "2026-01-31T09:31:00Z",
    "detailsUrl": "https://github.com/o/n/actions/runs/1/job/2",
}
"""One that has failed, long ago."""


def comment(key: str, author: str, text: str, *, association: str = "MEMBER", at: str = "2026-01-31T10:00:00Z") -> Any:
    """A comment as `gh pr view --json comments` has it."""
    return {
        "id": key,
        "author": {"login": author},
        "authorAssociation": association,
        "body": text,
        "createdAt": at,
        "includesCreatedEdit": False,
        "isMinimized": False,
        "minimizedReason": "",
        "reactionGroups": [],
        "url": f"https://github.com/o/n/pull/12#{key}",
        "viewerDidAuthor": False,
    }


def on_line(key: str, author: str, text: str, *, association: str = "OWNER") -> Any:
    """A comment on a line as GitHub's own API has it."""
    return {
        "id": 7,
        "node_id": key,
        "user": {"login": author, "type": "User"},
        "author_association": association,
        "body": text,
        "path": "src/a.py",
        "line": 12,
        "original_line": 11,
        "diff_hunk": "@@ -1 +1 @@",
        "created_at": "2026-01-31T10:05:00Z",
        "html_url": "https://github.com/o/n/pull/12#discussion_r7",
    }


@dataclass(frozen=True, slots=True)
class GitHub:
    """`bin` goes in front of the PATH."""

    root: Path

    @property
    def bin(self) -> Path:
        """The folder with `gh`."""
        return self.root / "ghbin"

    @property
    def bare(self) -> Path:
        """The repository that is pushed to."""
        return self.root / "origin.git"

    @property
    def file(self) -> Path:
        """What `gh` answers from."""
        return self.root / "hub.json"

    def read(self) -> dict[str, Any]:
        """All that is there."""
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    def change(self, **changes: Any) -> None:
        """Have it otherwise; the file appears whole."""
        made = self.root / "hub.new"
        made.write_text(json.dumps({**self.read(), **changes}))
        os.replace(made, self.file)

    def pull(self, number: int = 12) -> dict[str, Any]:
        """A pull request."""
        found: dict[str, Any] = self.read()["prs"][str(number)]
        return found

    def change_pull(self, number: int = 12, **changes: Any) -> None:
        """Have something happen to it."""
        prs = self.read()["prs"]
        self.change(prs={**prs, str(number): {**prs[str(number)], **changes}})

    def calls(self, *words: str) -> list[dict[str, Any]]:
        """How `gh` was run, with these words first."""
        path = self.file.with_suffix(".calls")
        told = [json.loads(row) for row in path.read_text().splitlines()] if path.exists() else []
        return [call for call in told if call["argv"][: len(words)] == list(words)]


def make(root: Path, project: Project) -> GitHub:
    """With the project's main branch pushed to it."""
    hub = GitHub(root)
    hub.bin.mkdir()
    program = hub.bin / "gh"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {gh_program.__file__} {hub.file} "$@"\n')
    program.chmod(0o755)
    git(root, "init", "-q", "--bare", "-b", "main", str(hub.bare))
    git(project.main, "remote", "add", "origin", str(hub.bare))
    git(project.main, "push", "-q", "origin", "main")
    told = {"url": "https://github.com/o/n", "default": "main", "login": "ada", "bare": str(hub.bare), "prs": {}}
    hub.file.write_text(json.dumps({**told, "permissions": {}, "hangs": False, "fails": "", "token_only": False}))
    return hub
