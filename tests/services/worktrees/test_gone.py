"""Worktrees, branches and repositories that somebody moved or deleted by hand: nothing is broken, and nothing is said
that is not so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import git, spawned
from tests.services.worktrees.test_losing import dirty, staged_then_changed, unpushed
from tests.support.fleet import Fleet


def test_a_folder_that_was_gone_comes_back_as_git_has_it_and_that_is_said(fleet: Fleet) -> None:
    tree = spawned(fleet)
    unpushed(tree)
    staged_then_changed(tree)
    shutil.rmtree(tree)

    resumed, refused = fleet("resume", "api"), fleet("rm", "api")
    removed, restored = fleet.ok("rm", "--trash", "api"), fleet.ok("restore", "api")

    assert resumed.err.splitlines()[-1] == "hint: tmuxagents rm --trash api"
    assert (refused.code, refused.err) == (
        3,
        f"tmuxagents: what api left in '{tree}' cannot be seen: moved or removed by hand\n"
        "hint: tmuxagents rm --trash api\n",
    )
    assert "its folder was gone" in removed.out
    assert "its folder was gone: what was neither committed nor staged is not there\n" in restored.err
    assert git(tree, "status", "--porcelain") == "M  file"
    assert (tree / "file").read_text() == "staged\n"
    assert (tree / "run.sh").stat().st_mode & 0o777 == 0o755
    assert git(tree, "log", "-1", "--format=%s", "tmuxagents/api") == "alone"


def test_a_folder_that_was_moved_is_not_broken_and_whole_again_where_it_was(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    before, moved = git(tree, "status", "--porcelain"), fleet.root / "moved"
    tree.rename(moved)

    refused = fleet("rm", "api")

    assert (refused.code, fleet.agent("api")["name"]) == (3, "api")
    assert git(moved, "status", "--porcelain") == before
    fleet.ok("rm", "--trash", "api")
    moved.rename(tree)
    restored = fleet.ok("restore", "api")
    assert (restored.err, git(tree, "status", "--porcelain")) == ("", before)


def test_a_checkout_of_which_every_file_is_gone_is_not_landed(fleet: Fleet) -> None:
    tree = spawned(fleet)
    for path in tree.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    refused = fleet("merge", "--commit", "api")

    assert (refused.code, refused.err.splitlines()[0]) == (3, f"tmuxagents: every file of api is gone from '{tree}'")
    assert git(fleet.work, "rev-list", "--count", "main") == "1"


def test_another_folder_in_the_place_of_one_that_was_moved_is_not_taken_for_it(fleet: Fleet) -> None:
    tree = spawned(fleet)
    tree.rename(fleet.root / "moved")
    tree.mkdir()
    (tree / "strange").write_text("x\n")

    merged = fleet("merge", "--commit", "api")

    assert f"the worktree of api was moved or removed by hand: '{tree}'" in merged.err
    assert fleet("rm", "api").code == 3


@pytest.mark.parametrize("how", ["moved", "made anew"])
def test_without_its_repository_nothing_is_judged_and_what_stays_is_listed(fleet: Fleet, how: str) -> None:
    tree = spawned(fleet)
    (tree / "new").write_text("new\n")
    moved = fleet.root / "moved"
    ident = fleet.agent("api")["id"][:8]
    fleet.work.rename(moved)
    if how == "made anew":
        git(fleet.root, "init", "-q", str(fleet.work))

    there = fleet.root

    refused = fleet("rm", "api", folder=there)

    gone = f"the repository of api is gone: '{fleet.work}/.git'"
    unknown = f"the repository of api knows nothing of '{tree}'"
    assert (refused.code, refused.err.splitlines()) == (
        3,
        [
            f"tmuxagents: {gone if how == 'moved' else unknown}; what is there cannot be judged",
            "hint: tmuxagents rm --trash api",
        ],
    )
    assert fleet("prune", ident, folder=there).code == 3
    removed = fleet.ok("rm", "--trash", "api", folder=there)
    assert removed.out == f"removed api; its record stays, and what is in {tree}\n"
    assert fleet.ok("prune", folder=there).out.startswith(f"{ident}  without an agent  ")
    pruned = fleet("prune", ident, folder=there)
    assert (pruned.code, pruned.err.splitlines()[-1]) == (1, f"hint: ls -ld '{fleet.work}/.git'")
    assert (tree / "new").exists()
    if how == "made anew":
        shutil.rmtree(fleet.work)
    moved.rename(fleet.work)
    fleet.ok("prune", ident, folder=there)
    fleet.ok("restore", "api")
    assert (tree / "new").read_text() == "new\n"


def test_an_agent_whose_worktree_is_gone_belongs_to_the_project_of_its_repository(fleet: Fleet) -> None:
    tree = spawned(fleet)
    tree.rename(fleet.root / "moved")

    listed = fleet.ok("ls", "--here", "--json").json["agents"]

    assert [agent["name"] for agent in listed] == ["api"]


@pytest.mark.parametrize("folder", ["there", "gone"])
def test_a_branch_that_was_deleted_is_said_and_comes_back_with_its_commits(fleet: Fleet, folder: str) -> None:
    tree = spawned(fleet)
    unpushed(tree)
    commit = git(tree, "rev-parse", "HEAD")
    git(fleet.work, "update-ref", "-d", "refs/heads/tmuxagents/api")

    merged, differing, refused = fleet("merge", "api"), fleet("diff", "api"), fleet("rm", "api")
    shutil.rmtree(tree) if folder == "gone" else None
    fleet.ok("rm", "--trash", "api")
    git(fleet.work, "reflog", "expire", "--expire=now", "--all")
    git(fleet.work, "gc", "-q", "--prune=now")
    fleet.ok("restore", "api")

    hint = f"hint: git -C '{fleet.work}/.git' branch 'tmuxagents/api' {commit}"
    assert merged.err.splitlines() == ["tmuxagents: the branch 'tmuxagents/api' of api was deleted", hint]
    assert "the branch 'tmuxagents/api' of api was deleted" in differing.out + differing.err
    told = f"1 commit on no other branch, and 'tmuxagents/api' was deleted at {commit[:8]}\n"
    assert (refused.code, told in refused.err) == (3, True)
    assert git(fleet.work, "rev-parse", "tmuxagents/api") == commit
    assert git(tree, "status", "--porcelain") == ""


def test_one_that_was_unlocked_and_moved_with_git_is_followed_unless_somebody_has_locked_it(fleet: Fleet) -> None:
    tree, moved = spawned(fleet), fleet.root / "moved"
    (tree / "new").write_text("new\n")
    git(fleet.work, "worktree", "unlock", str(tree))
    git(fleet.work, "worktree", "move", str(tree), str(moved))
    git(fleet.work, "worktree", "lock", str(moved))

    locked, told = fleet("rm", "--trash", "api"), fleet("diff", "api")
    git(fleet.work, "worktree", "unlock", str(moved))
    refused = fleet("rm", "api")

    where = f"the worktree of api is locked by somebody: '{moved}'"
    hint = f"hint: git -C '{fleet.work}/.git' worktree unlock '{moved}'"
    assert (locked.code, locked.err.splitlines()) == (3, [f"tmuxagents: {where}", hint])
    assert f"the worktree of api was moved to '{moved}'" in told.out + told.err
    assert (refused.code, "1 untracked file ('new')" in refused.err) == (3, True)
    fleet.ok("rm", "--trash", "api")
    fleet.ok("restore", "api")
    assert (moved / "new").read_text() == "new\n"


def test_another_worktree_in_the_place_of_one_that_was_moved_is_left_alone(fleet: Fleet) -> None:
    tree, moved = spawned(fleet), fleet.root / "moved"
    git(fleet.work, "worktree", "move", "-f", "-f", str(tree), str(moved))
    git(fleet.work, "worktree", "add", "-q", "-b", "other", str(tree))

    told = fleet("resume", "api")
    fleet.ok("rm", "api")

    assert told.err.splitlines()[-1] == f"hint: ls -ld '{tree}'"
    assert (tree.is_dir(), moved.exists()) == (True, False)
    assert git(tree, "status", "--porcelain") == ""


def test_a_folder_that_comes_back_anew_is_made_ready_anew(fleet: Fleet) -> None:
    (fleet.work / "a.log").write_text("a\n")
    (fleet.home / "config.toml").write_text('[worktree]\ncopy = ["*.log"]\nsetup = ["echo done > build.log"]\n')
    tree = spawned(fleet)
    shutil.rmtree(tree)
    fleet.ok("rm", "--trash", "api")

    fleet.ok("restore", "api")
    restored = sorted(path.name for path in tree.glob("*.log"))
    fleet.ok("resume", "api")
    fleet.wait_state("api", "ended")

    assert restored == ["a.log"]
    assert (tree / "build.log").read_text() == "done\n"
    fleet.ok("rm", "api")


def in_a_merge_of(tree: Path) -> None:
    """One with a file that both changed, and one that was deleted here and changed there."""
    unpushed(tree)
    git(tree, "checkout", "-q", "-b", "side", "main")
    (tree / "file").write_text("otherwise\n")
    (tree / "run.sh").write_text("changed\n")
    git(tree, "commit", "-q", "-a", "-m", "side")
    git(tree, "checkout", "-q", "tmuxagents/api")
    git(tree, "merge", "side", code=None)


def test_a_merge_under_way_in_a_folder_that_was_gone_comes_back_with_its_conflicts(fleet: Fleet) -> None:
    tree = spawned(fleet)
    git(tree, "rm", "-q", "run.sh")
    in_a_merge_of(tree)
    conflict = (tree / "file").read_text()
    before = git(tree, "status", "--porcelain")
    shutil.rmtree(tree)
    fleet.ok("rm", "--trash", "api")

    fleet.ok("restore", "api")

    assert git(tree, "status", "--porcelain") == before == "UU file\nDU run.sh"
    assert [line[:7] for line in (tree / "file").read_text().splitlines()] == [
        line[:7] for line in conflict.splitlines()
    ]
    assert (tree / "run.sh").read_text() == "changed\n"
