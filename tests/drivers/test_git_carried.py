"""What a checkout holds is laid into a new one, and the first stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.worktrees import Project, commit, everything, git, truth
from tmuxagents import clock
from tmuxagents.drivers.git import carried, places
from tmuxagents.drivers.git.places import Checkout

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return worktrees.make(tmp_path)


def at(tree: Path) -> Checkout:
    found = places.of(str(tree))
    assert found is not None
    return found


def carry(tree: Path, new: Path) -> carried.Taken:
    """As a new worktree gets it."""
    with carried.taken(str(tree), lambda: None) as (state, _):
        assert state.head is not None
        git(tree, "worktree", "add", "-q", "-b", "t/new", str(new), state.head)
        carried.lay(state, at(new))
        return state


def test_everything_that_is_not_ignored_lies_there_and_is_as_little_committed(project: Project, tmp_path: Path) -> None:
    tree = project.worktree("api")
    (tree / "own").write_text("committed\n")
    commit(tree)
    (tree / "text").write_text("staged\n")
    git(tree, "add", "text")
    (tree / "text").write_text("and changed again\r\n")
    (tree / "run").write_text("#!/bin/sh\n")
    (tree / "run").chmod(0o755)
    (tree / "new folder").mkdir()
    (tree / "new folder" / "a\nb \udcff").write_bytes(bytes(range(256)))
    (tree / "x.ignored").write_text("ignored\n")
    (tree / "binary").unlink()
    (tree / "to").symlink_to("/etc/passwd")
    git(tree, "rm", "-q", "deep/er/file")
    (tree / "other").unlink()
    (tree / "other").mkdir()
    (tree / "other" / "file").write_text("a folder where a file was\n")
    before = everything(tree), everything(Path(at(tree).git_dir)), git(tree, "for-each-ref")
    new = tmp_path / "new"

    state = carry(tree, new)

    assert state.settled
    assert everything(tree) == before[0]
    assert everything(Path(at(tree).git_dir)) == before[1]
    assert truth(new) == truth(tree)
    assert not (new / "deep").exists()
    assert os.access(new / "run", os.X_OK)
    assert git(new, "rev-parse", "HEAD") == git(tree, "rev-parse", "HEAD")
    assert git(new, "diff", "--cached", "--name-only") == ""
    assert "text" in git(new, "diff", "--name-only")
    assert git(tree, "for-each-ref").split("\n")[:-1] == before[2].split("\n")


def test_nothing_is_written_or_removed_through_a_link(project: Project, tmp_path: Path) -> None:
    tree, away = project.worktree("api"), tmp_path / "away"
    away.mkdir()
    (away / "file").write_text("somebody's\n")
    (tree / "folder").symlink_to(away)
    commit(tree)
    (tree / "folder").unlink()
    (tree / "folder").mkdir()
    (tree / "folder" / "file").write_text("mine\n")

    carry(tree, tmp_path / "new")

    assert (away / "file").read_text() == "somebody's\n"
    assert (tmp_path / "new" / "folder" / "file").read_text() == "mine\n"


def test_what_is_written_meanwhile_is_taken_anew_and_said_when_it_never_stops(project: Project) -> None:
    tree, asked = project.worktree("api"), list[int]()

    def once() -> int:
        asked.append(1)
        if len(asked) == 1:
            (tree / "text").write_text("meanwhile\n")
        return len(asked)

    with carried.taken(str(tree), once) as (state, answer):
        assert (state.settled, answer, list(state.loose)) == (True, 2, [b"text"])

    with carried.taken(str(tree), lambda: (tree / "text").write_text(f"{clock.now_ns()}")) as (state, _):
        assert not state.settled


def test_nothing_that_is_configured_is_run(project: Project, tmp_path: Path) -> None:
    tree, canary = project.worktree("api"), tmp_path / "canary"
    (tree / "text").write_text("x\n")
    with carried.taken(str(tree), lambda: None) as (state, _):
        new = tmp_path / "new"
        git(tree, "worktree", "add", "-q", "-b", "t/new", str(new), "HEAD")
        for key in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge"):
            git(tree, "config", key, f"touch {canary};false")
        for place in (tree, new):
            (place / ".gitattributes").write_text("* filter=x\n")
        carried.lay(state, at(new))
    with carried.taken(str(tree), lambda: None):
        pass

    assert (new / "text").read_text() == "x\n"
    assert not canary.exists()
