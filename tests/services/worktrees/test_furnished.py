"""What a new worktree is made ready with from the main checkout, and what becomes of that when it goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import ENDS, PROGRAM, everything, git, spawned
from tests.support.fleet import Fleet

IGNORED = "*.log\nbuild/\n.env*\nnode_modules/\nconfig/*.local\n"


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """With files that git does not track, and a large folder."""
    work = fleet.work
    (work / ".gitignore").write_text(IGNORED)
    git(work, "commit", "-q", "-am", "ignored")
    (work / ".env").write_text("SECRET=1\n")
    (work / ".env").chmod(0o600)
    (work / "config").mkdir()
    (work / "config" / "db.local").write_text("db\n")
    (work / "node_modules" / "left").mkdir(parents=True)
    (work / "node_modules" / "left" / ".env").write_text("not meant\n")
    (work / ".claude").mkdir()
    (work / ".claude" / "settings.local.json").write_text("{}\n")
    (work / ".claude" / "history").write_text("theirs\n")
    return fleet


def settings(fleet: Fleet, text: str) -> None:
    (fleet.home / "config.toml").write_text(f"[worktree]\n{text}\n")


def brought(tree: Path) -> set[str]:
    """What lies there and is not tracked."""
    raw = git(tree, "ls-files", "-o", "-z")
    return {name for name in raw.split("\0") if name}


def test_local_settings_of_claude_arrive_where_nothing_is_said(fleet: Fleet) -> None:
    tree = spawned(fleet)

    assert brought(tree) == {".claude/settings.local.json"}
    fleet.ok("rm", "api")
    assert not tree.exists()


def test_files_are_copied_by_patterns_and_by_those_of_other_tools(fleet: Fleet) -> None:
    settings(fleet, 'copy = [".env"]')
    (fleet.work / ".worktreeinclude").write_text("# comment\n/config/*.local\n../outside\n")
    (fleet.root / "outside").write_text("outside\n")

    tree = spawned(fleet)

    assert brought(tree) == {".env", "config/db.local"}
    assert (tree / ".env").read_text() == "SECRET=1\n"
    assert (tree / ".env").stat().st_mode & 0o777 == 0o600


def test_what_the_branch_has_is_not_written_over(fleet: Fleet) -> None:
    git(fleet.work, "checkout", "-q", "-b", "has")
    git(fleet.work, "add", "-f", ".env")
    git(fleet.work, "commit", "-q", "-m", "tracked")
    git(fleet.work, "checkout", "-q", "main")
    (fleet.work / ".env").write_text("SECRET=2\n")
    settings(fleet, 'copy = [".env"]')

    tree = spawned(fleet, "--base", "has")

    assert (tree / ".env").read_text() == "SECRET=1\n"
    assert git(tree, "status", "--porcelain") == ""


def test_nothing_leaves_the_checkout(fleet: Fleet) -> None:
    (fleet.root / "secret").write_text("secret\n")
    (fleet.work / ".env.out").symlink_to("../secret")
    (fleet.work / ".env.in").symlink_to(".env")
    os.mkfifo(fleet.work / ".env.pipe")
    (fleet.work / "out").symlink_to("..")
    settings(fleet, 'copy = [".env*"]\nlink = ["out", "none"]')

    ran = fleet.ok("spawn", "-w", *ENDS, *PROGRAM)

    tree = Path(fleet.wait_state("api", "ended")["worktree"]["path"])
    assert brought(tree) == {".env", ".env.in"}
    assert os.readlink(tree / ".env.in") == ".env"
    assert ran.err.splitlines() == [
        "tmuxagents: not brought into the worktree: '.env.out' leads out of the checkout, "
        "'out' leads out of the checkout, there is no 'none' to link",
        "hint: tmuxagents help worktrees",
    ]


def test_a_copy_does_not_go_through_a_link_of_the_branch(fleet: Fleet) -> None:
    (fleet.root / "elsewhere").mkdir()
    git(fleet.work, "checkout", "-q", "-b", "links")
    (fleet.work / "config").rename(fleet.work / "config.was")
    (fleet.work / "config").symlink_to("../elsewhere")
    git(fleet.work, "add", "config")
    git(fleet.work, "commit", "-q", "-m", "a link")
    git(fleet.work, "checkout", "-q", "main")
    (fleet.work / "config.was").rename(fleet.work / "config")
    settings(fleet, 'copy = ["config/*.local"]')

    ran = fleet.ok("spawn", "-w", "--base", "links", *ENDS, *PROGRAM)

    assert "'config' is in the way of 'config/db.local'" in ran.err
    assert list((fleet.root / "elsewhere").iterdir()) == []


def test_a_copy_that_is_as_it_was_is_no_work_and_a_changed_one_is(fleet: Fleet) -> None:
    settings(fleet, 'copy = [".env", ".claude/settings.local.json"]')
    tree = spawned(fleet)
    (tree / ".env").write_text("SECRET=3\n")

    refused = fleet("rm", "api")

    assert (refused.code, refused.err.splitlines()[0]) == (
        3,
        "tmuxagents: api has work that is nowhere else: 1 changed copy ('.env')",
    )
    (tree / ".env").write_text("SECRET=1\n")
    fleet.ok("rm", "api")
    fleet.ok("restore", "api")
    assert (tree / ".env").read_text() == "SECRET=1\n"
    (tree / ".claude" / "settings.local.json").write_text("[]\n")
    assert "1 untracked file ('.claude/settings.local.json')" in fleet("rm", "api").err


def test_a_worktree_that_has_nothing_else_is_kept_without_a_second_copy_of_it(fleet: Fleet) -> None:
    settings(fleet, 'copy = [".env", ".claude/"]\nlink = ["node_modules"]')
    tree = spawned(fleet)
    before = everything(tree)

    fleet.ok("rm", "api")

    [kept] = (fleet.state / "trash").iterdir()
    assert sorted(path.name for path in kept.iterdir()) == ["brought", "record.json"]
    fleet.ok("restore", "api")
    assert everything(tree) == before


def test_a_copy_that_is_as_it_was_is_neither_shown_nor_landed(fleet: Fleet) -> None:
    for key in ("user.name", "user.email"):
        git(fleet.work, "config", key, "x")
    # One that is ignored, and two that are not.
    settings(fleet, 'copy = [".env", ".claude/settings.local.json"]\nlink = ["node_modules"]')
    tree = spawned(fleet)
    (tree / "new").write_text("new\n")

    [shown] = fleet.ok("diff", "api", "--json").json["agents"]
    assert [one["path"] for one in shown["files"]] == ["new"]
    fleet.ok("merge", "--commit", "api")

    assert git(fleet.work, "ls-files", "--", "new", ".claude", ".env", "node_modules") == "new"
    assert (fleet.work / ".claude" / "settings.local.json").exists()


def test_a_linked_folder_is_never_gone_into(fleet: Fleet) -> None:
    settings(fleet, 'link = ["node_modules/"]\ncopy = []')
    (fleet.work / "node_modules" / "large").write_bytes(bytes(3_000_000))
    fleet.ok("config", "set", "trash_limit_mb", "1")
    tree = spawned(fleet)
    assert os.readlink(tree / "node_modules") == f"{fleet.work}/node_modules"

    fleet.ok("rm", "api")

    assert not tree.exists()
    assert (fleet.work / "node_modules" / "large").stat().st_size == 3_000_000
    fleet.ok("restore", "api")
    assert os.readlink(tree / "node_modules") == f"{fleet.work}/node_modules"


def test_a_link_that_git_does_not_ignore_is_told_with_what_has_it_ignored(fleet: Fleet) -> None:
    settings(fleet, 'link = ["node_modules"]')

    ran = fleet.ok("spawn", "-w", *ENDS, *PROGRAM)
    fleet.wait_state("api", "ended")
    exclude = fleet.work / ".git" / "info" / "exclude"
    exclude.write_text("/node_modules\n")
    again = fleet.ok("spawn", "-w", "--kind", "command", *PROGRAM)

    assert ran.err == (
        "tmuxagents: git does not ignore the link 'node_modules': `git add -A` takes it in, until '/node_modules' is a"
        f" line of that file\nhint: vi '{exclude}'\n"
    )
    assert again.err == ""


def test_a_start_that_fails_takes_back_what_was_brought(fleet: Fleet) -> None:
    settings(fleet, 'copy = [".env", "config/"]\nlink = ["node_modules"]')
    hook = fleet.work / ".git" / "hooks" / "post-checkout"
    # The program is there when it is looked for, and its folder is a file when it is to be started.
    hook.write_text(f"#!/bin/sh\nrm -rf {fleet.state}/agents; touch {fleet.state}/agents\n")
    hook.chmod(0o755)

    ran = fleet("spawn", "-w", *ENDS, *PROGRAM)

    assert ran.code != 0
    assert not Path(f"{fleet.work}.worktrees/api").exists()
    assert list((fleet.state / "trash").glob("*")) == []
    assert (fleet.work / "node_modules" / "left" / ".env").exists()


def test_a_copy_that_was_touched_is_as_it_was_and_one_of_the_same_size_may_not_be(fleet: Fleet) -> None:
    tree = spawned(fleet)
    copy = tree / ".claude" / "settings.local.json"
    os.utime(copy)

    [touched] = fleet.ok("diff", "api", "--json").json["agents"]
    copy.write_text("[]\n")
    [changed] = fleet.ok("diff", "api", "--json").json["agents"]

    assert touched["files"] == []
    assert [one["path"] for one in changed["files"]] == [".claude/settings.local.json"]
