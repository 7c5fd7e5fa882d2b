"""The difference of one agent, with the git of who typed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.review.test_figures import STATES
from tests.support.worktrees import Project, commit, everything, git
from tmuxagents.services.review import patch, sides

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("state", STATES)
def test_a_patch_makes_of_the_base_what_lies_there_and_nothing_is_touched(
    project: Project, tmp_path: Path, state: str
) -> None:
    tree = project.worktree("api")
    STATES[state](tree)
    before = everything(project.main.parent)

    made = patch.of(sides.one(project.agent("api")), "--binary", colors=False)

    assert everything(project.main.parent) == before
    again = tmp_path / "again"
    git(tmp_path, "clone", "-q", "-b", "main", str(project.main), str(again))
    if made.plain:
        git(again, "apply", "--index", "-", input=made.plain)
    assert git(again, "write-tree") == git(tree, "write-tree", env=index_of_everything(tree, tmp_path))


def index_of_everything(tree: Path, tmp_path: Path) -> dict[str, str]:
    env = {"PATH": "/usr/bin:/bin", "GIT_INDEX_FILE": str(tmp_path / "index")}
    git(tree, "add", "-A", env=env)
    return env


def test_what_the_user_has_configured_is_run(project: Project, tmp_path: Path) -> None:
    tree = project.worktree("api")
    (tree / "text").write_text("x\n")
    shown = tmp_path / "shown"
    shown.write_text("#!/bin/sh\necho through mine: $1\n")
    shown.chmod(0o755)
    git(project.main, "config", "diff.external", str(shown))

    made = patch.of(sides.one(project.agent("api")), colors=False)

    assert made.plain == b"through mine: text\n"


def test_a_filter_of_the_users_makes_what_is_compared(project: Project) -> None:
    tree = project.worktree("api")
    git(project.main, "config", "filter.upper.clean", "tr a-z A-Z")
    (tree / ".gitattributes").write_text("text filter=upper\n")
    (tree / "text").write_text("shout\n")

    made = patch.of(sides.one(project.agent("api")), colors=False)

    assert b"+SHOUT\n" in made.plain


def test_the_pager_is_the_one_that_git_would_take(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_PAGER", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    project.worktree("api")
    side = sides.one(project.agent("api"))

    found = []
    for key, value in (("core.pager", "delta"), ("pager.diff", "less -S"), ("pager.diff", "true")):
        git(project.main, "config", key, value)
        found.append(patch.pager(side))
    monkeypatch.setenv("GIT_PAGER", "most")
    found.append(patch.pager(side))
    git(project.main, "config", "pager.diff", "false")
    found.append(patch.pager(side))

    assert found == ["delta", "less -S", "delta", "most", ""]


def test_a_file_that_changes_no_longer_says_nothing(project: Project) -> None:
    commit_of_nothing = project.worktree("api")
    (commit_of_nothing / "new").write_text("x")
    commit(commit_of_nothing)
    git(project.main, "merge", "-q", "t/api")

    assert patch.of(sides.one(project.agent("api")), colors=False).plain == b""
