"""Where branches have left another one: the same as git says of each, whatever the histories look like."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.worktrees import Project, git
from tmuxagents.drivers.git import histories

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return worktrees.make(tmp_path)


def made(project: Project, count: int) -> list[str]:
    """Commits of which each has one, two or three of those before as parents, or none."""
    chance = random.Random(7)
    tree = git(project.main, "rev-parse", "HEAD^{tree}")
    commits = [git(project.main, "rev-parse", "HEAD")]
    for number in range(count):
        parents = chance.sample(commits[-6:], min(len(commits), chance.choice([0, 1, 1, 1, 1, 2, 2, 3])))
        words = [word for parent in parents for word in ("-p", parent)]
        date = {"GIT_COMMITTER_DATE": f"{1_700_000_000 + chance.randrange(10_000)} +0000"}
        commits.append(
            git(project.main, "commit-tree", tree, *words, "-m", str(number), env={"PATH": "/usr/bin", **date})
        )
    return commits


def test_what_is_told_is_what_git_says(project: Project) -> None:
    commits = made(project, 60)
    told = 0
    for target in commits[::7]:
        found = histories.since(str(project.common), target, commits)
        told += len(found)
        for head, one in found.items():
            assert git(project.main, "merge-base", "--all", target, head) == one.base
            own = git(project.main, "rev-list", "--format=%ct", "--no-commit-header", head, f"^{one.base}").split()
            assert (len(own), max(map(int, own), default=None)) == (one.count, one.newest_s)

    assert told > 200


def test_one_with_nothing_in_common_is_left_out(project: Project) -> None:
    tree = git(project.main, "rev-parse", "HEAD^{tree}")
    alone = git(project.main, "commit-tree", tree, "-m", "alone")
    head = git(project.main, "rev-parse", "HEAD")

    assert list(histories.since(str(project.common), head, [alone, head])) == [head]
