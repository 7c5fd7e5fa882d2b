"""Large files (LFS) and sparse checkouts: as git has them, and what they come to is counted without a filter."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import lfs
from tests.support.worktrees import Project, commit, git
from tmuxagents.services.review import conflicts, figures
from tmuxagents.services.review.figures import Figures

pytestmark = pytest.mark.slow

LARGE = bytes(range(256)) * 400


@pytest.fixture
def ran(project: Project, tmp_path: Path) -> Path:
    """The project has a large file; the note of each run of the filter."""
    noted = lfs.install(project.main, tmp_path / "lfs", "*.large")
    (project.main / "some.large").write_bytes(LARGE)
    commit(project.main, "large")
    return noted


def of(project: Project, name: str) -> Figures:
    [(_, found)] = figures.of([project.agent(name)])
    assert isinstance(found, Figures), found
    return found


def changed(found: Figures) -> list[bytes]:
    return [change.path for change in found.changes]


def test_a_large_file_that_git_has_just_written_is_no_change_and_its_filter_is_not_run(
    project: Project, ran: Path
) -> None:
    tree = project.worktree("api")
    assert (tree / "some.large").read_bytes() == LARGE
    before = ran.read_bytes()

    found = of(project, "api")

    assert (changed(found), list(found.held.loose)) == ([], [])
    assert ran.read_bytes() == before


def test_one_that_is_changed_counts_and_one_that_is_committed_counts_once(project: Project, ran: Path) -> None:
    tree = project.worktree("api")
    (tree / "some.large").write_bytes(LARGE[::-1])
    (tree / "new.large").write_bytes(LARGE)
    before = ran.read_bytes()

    assert changed(of(project, "api")) == [b"new.large", b"some.large"]
    assert ran.read_bytes() == before

    commit(tree)
    found = of(project, "api")
    assert (changed(found), list(found.held.loose), found.commits) == ([b"new.large", b"some.large"], [], 1)


def test_a_large_file_of_the_other_side_is_no_conflict(project: Project, ran: Path) -> None:
    project.worktree("api")
    (project.worktree("api") / "new").write_text("x")
    (project.worktree("tests") / "some.large").write_bytes(LARGE[::-1])
    commit(project.worktree("tests"))
    (project.main / "some.large").write_bytes(LARGE[1:])
    commit(project.main)

    found = conflicts.find([project.agent("api"), project.agent("tests")])

    assert [(pair.one.name, pair.other and pair.other.name) for pair in found.pairs] == [("tests", None)]


def test_a_file_of_the_same_size_that_was_written_since_is_a_change(project: Project, ran: Path) -> None:
    tree = project.worktree("api")
    about = (tree / "some.large").stat()
    with open(tree / "some.large", "r+b") as file:
        file.write(b"other")
    # However its time is set, the kernel's own word stays.
    os.utime(tree / "some.large", ns=(about.st_atime_ns, about.st_mtime_ns))

    assert changed(of(project, "api")) == [b"some.large"]


def test_what_a_sparse_checkout_leaves_out_is_not_deleted(project: Project) -> None:
    tree = project.worktree("api")
    git(tree, "sparse-checkout", "set", "--cone", "nowhere")
    assert not (tree / "deep").exists()
    (tree / "text").write_text("mine\n")

    assert changed(of(project, "api")) == [b"text"]
