"""Attempts to lose work: `rm` refuses, and `rm --trash` with `restore` gives every byte and mode back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import everything, git, git_state, spawned
from tests.support.fleet import Fleet, eventually, terminal

Build = Callable[[Path], object]


def dirty(tree: Path) -> None:
    (tree / "file").write_text("changed\n")
    (tree / "run.sh").chmod(0o644)


def untracked(tree: Path) -> None:
    (tree / "new").write_text("new\n")
    (tree / "secret").write_text("private\n")
    (tree / "secret").chmod(0o600)


def deleted(tree: Path) -> None:
    (tree / "file").unlink()


def staged_then_changed(tree: Path) -> None:
    (tree / "file").write_text("staged\n")
    git(tree, "add", "file")
    (tree / "file").write_text("and then more\n")


def staged_then_deleted(tree: Path) -> None:
    (tree / "only-staged").write_text("nowhere but in the index\n")
    git(tree, "add", "only-staged")
    (tree / "only-staged").unlink()


def intended(tree: Path) -> None:
    (tree / "meant").write_text("meant\n")
    git(tree, "add", "--intent-to-add", "meant")


def stashed(tree: Path) -> None:
    dirty(tree)
    git(tree, "stash")


def unpushed(tree: Path) -> None:
    (tree / "file").write_text("committed\n")
    git(tree, "commit", "-q", "-a", "-m", "alone")


def reset(tree: Path) -> None:
    """A commit that only the record of what was checked out still names."""
    unpushed(tree)
    git(tree, "reset", "-q", "--hard", "HEAD~1")
    untracked(tree)


def detached(tree: Path) -> None:
    git(tree, "checkout", "-q", "--detach")
    unpushed(tree)


def _conflict(tree: Path) -> None:
    unpushed(tree)
    git(tree, "checkout", "-q", "-b", "side", "main")
    (tree / "file").write_text("otherwise\n")
    git(tree, "commit", "-q", "-a", "-m", "side")


def in_a_rebase(tree: Path) -> None:
    _conflict(tree)
    git(tree, "rebase", "tmuxagents/api", code=None)


def in_a_merge(tree: Path) -> None:
    _conflict(tree)
    git(tree, "merge", "tmuxagents/api", code=None)


def in_a_bisect(tree: Path) -> None:
    for number in range(4):
        git(tree, "commit", "-q", "--allow-empty", "-m", str(number))
    git(tree, "bisect", "start", "HEAD", "HEAD~4")


def submodule(tree: Path) -> None:
    other = tree.parent.parent / "other"
    git(tree.parent, "init", "-q", "-b", "main", str(other))
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    git(tree, "submodule", "add", "-q", str(other), "sub")
    git(tree, "commit", "-q", "-m", "with a submodule")
    git(tree / "sub", "commit", "-q", "--allow-empty", "-m", "only here")
    (tree / "sub" / "new").write_text("new\n")


def nested(tree: Path) -> None:
    git(tree, "init", "-q", "-b", "main", "nested")
    (tree / "nested" / "file").write_text("x\n")
    git(tree / "nested", "add", ".")
    git(tree / "nested", "commit", "-q", "-m", "x")
    git(tree, "init", "-q", "nested-empty")


def links(tree: Path) -> None:
    (tree / "out").symlink_to("/etc/passwd")
    (tree / "dangling").symlink_to("nowhere")
    subprocess.run(["rm", "-r", tree / "below"], check=True)
    (tree / "below").symlink_to(tree.parent)


def strange_names(tree: Path) -> None:
    for name in (b"line\nbreak", b"\xff\xfe", b'quo"te', b" blank ", b"-dash", b"tab\there", "ü".encode()):
        with open(os.path.join(os.fsencode(tree), name), "wb") as file:
            file.write(name)


def no_text(tree: Path) -> None:
    (tree / ".gitattributes").write_text("* text eol=crlf\nid ident\n")
    (tree / "bytes").write_bytes(b"a\nb\r\nc\0\r")
    (tree / "id").write_text("$Id: mine$\n")
    git(tree, "add", "bytes")


def branch_moved(tree: Path) -> None:
    unpushed(tree)
    git(tree, "checkout", "-q", "--detach")
    git(tree, "branch", "-f", "tmuxagents/api", "main")


def another_branch(tree: Path) -> None:
    unpushed(tree)
    git(tree, "checkout", "-q", "-b", "later", "main")


def hidden(tree: Path) -> None:
    git(tree, "update-index", "--assume-unchanged", "file")
    (tree / "file").write_text("nobody sees this\n")


def orphan(tree: Path) -> None:
    git(tree, "checkout", "-q", "--orphan", "bare-beginning")
    git(tree, "rm", "-q", "--cached", "file")


def submodule_stash(tree: Path) -> None:
    other = tree.parent.parent / "other"
    git(tree.parent, "init", "-q", "-b", "main", str(other))
    (other / "its").write_text("x\n")
    git(other, "add", ".")
    git(other, "commit", "-q", "-m", "x")
    git(tree, "submodule", "add", "-q", str(other), "sub")
    git(tree, "commit", "-q", "-m", "with a submodule")
    git(tree, "push", "-q", str(tree.parent.parent / "work"), "HEAD:refs/heads/elsewhere")
    (tree / "sub" / "its").write_text("stashed\n")
    git(tree / "sub", "stash")


def without_records(tree: Path) -> None:
    """As with `core.logAllRefUpdates = false`."""
    another_branch(tree)
    for folder in ("--git-common-dir", "--git-dir"):
        shutil.rmtree(Path(git(tree, "rev-parse", "--path-format=absolute", folder)) / "logs")


def folder_for_file(tree: Path) -> None:
    (tree / "file").unlink()
    (tree / "file").mkdir()
    (tree / "file" / "in it").write_text("x\n")


WORK: Mapping[str, Build] = {
    build.__name__: build
    for build in (
        *(dirty, untracked, deleted, staged_then_changed, staged_then_deleted, intended, stashed, unpushed, detached),
        *(in_a_rebase, in_a_merge, in_a_bisect, submodule, nested, links, strange_names, no_text, branch_moved),
        *(another_branch, hidden, folder_for_file, orphan, reset, submodule_stash, without_records),
    )
}


EACH = [pytest.param(what, marks=[] if n % 3 == 0 else pytest.mark.soak) for n, what in enumerate(WORK)]
"""Every third each time, and all of them in the soak."""


@pytest.mark.parametrize("what", EACH)
def test_work_is_never_lost(fleet: Fleet, what: str) -> None:
    tree = spawned(fleet)
    WORK[what](tree)
    (tree / "build").mkdir()
    (tree / "build" / "ignored.bin").write_bytes(b"\0ignored")
    (tree / "build" / "ignored.bin").chmod(0o640)
    files, state = everything(tree), git_state(tree)

    refused = fleet("rm", "api")

    assert (refused.code, refused.out) == (3, "")
    assert "has work that is nowhere else: " in refused.err
    assert "hint: tmuxagents rm --trash api" in refused.err
    assert (everything(tree), git_state(tree)) == (files, state)

    fleet.ok("rm", "--trash", "api")

    assert not tree.exists()
    assert str(tree) not in git(fleet.work, "worktree", "list")
    git(fleet.work, "reflog", "expire", "--expire=now", "--all")
    git(fleet.work, "gc", "-q", "--prune=now")
    assert git(fleet.work, "fsck", "--no-dangling", code=None) == ""

    fleet.ok("restore", "api")

    assert everything(tree) == files
    assert git_state(tree) == state
    assert git(tree, "fsck", "--no-dangling", code=None) == ""
    assert fleet.agent("api")["worktree"]["path"] == str(tree)
    notes = [entry["text"].partition(" (")[0] for entry in fleet.entries("api", "--only", "note")]
    assert notes == ["removed; its worktree is in the trash", f"restored in {tree}"]
    assert git(fleet.work, "for-each-ref", "refs/tmuxagents") == ""
    assert list((fleet.state / "trash").iterdir()) == []
    fleet("rm", "--trash", "api")


def test_removing_and_bringing_back_runs_nothing_that_is_configured(fleet: Fleet) -> None:
    tree = spawned(fleet)
    staged_then_changed(tree)
    (tree / ".gitattributes").write_text("* filter=strange diff=strange merge=strange\n")
    canary, ran = fleet.root / "canary", fleet.root / "ran"
    canary.write_text(f"#!/bin/sh\necho $0 >> {ran}\nexit 1\n")
    canary.chmod(0o755)
    hooks = fleet.root / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-index-change", "post-checkout"):
        (hooks / name).symlink_to(canary)
    for key in ("core.fsmonitor", "filter.strange.clean", "filter.strange.smudge", "filter.strange.process"):
        git(fleet.work, "config", key, str(canary))
    git(fleet.work, "config", "core.hooksPath", str(hooks))
    files = everything(tree)

    assert fleet("rm", "api").code == 3
    fleet.ok("rm", "--trash", "api")
    fleet.ok("prune")
    fleet.ok("restore", "api")

    assert everything(tree) == files
    assert not ran.exists()


def test_what_is_nowhere_else_is_in_commits_too(fleet: Fleet) -> None:
    tree = spawned(fleet)
    staged_then_changed(tree)
    strange_names(tree)

    ident = fleet.ok("rm", "--trash", "--json", "api").json["trash"][0]["id"]

    ref = f"refs/tmuxagents/trash/{ident}"
    assert git(fleet.work, "show", f"{ref}:worktree/file") == "and then more"
    assert git(fleet.work, "show", f"{ref}:index/0/file") == "staged"
    assert git(fleet.work, "show", b"%s:worktree/\xff\xfe" % ref.encode()) == os.fsdecode(b"\xff\xfe")


def test_ignored_files_are_no_reason_and_are_never_in_a_commit(fleet: Fleet) -> None:
    tree = spawned(fleet)
    (tree / "secret.log").write_text("key\n")
    files = everything(tree)

    ident = fleet.ok("rm", "--json", "api").json["trash"][0]["id"]

    assert "secret.log" not in git(fleet.work, "ls-tree", "-r", "--name-only", f"refs/tmuxagents/trash/{ident}")
    assert (fleet.state / "trash" / ident / "tree" / "secret.log").read_text() == "key\n"
    fleet.ok("restore", "api")
    assert everything(tree) == files


def test_a_worktree_without_work_is_removed_with_its_branch_and_comes_back(fleet: Fleet) -> None:
    tree = spawned(fleet)
    files, state = everything(tree), git_state(tree)

    said = fleet.ok("rm", "api").out

    assert said == "removed api; its record stays; tmuxagents restore api brings its worktree back\n"
    assert not tree.exists()
    assert git(fleet.work, "branch", "--list", "tmuxagents/*") == ""
    [kept] = (fleet.state / "trash").iterdir()
    # Its files are those of a commit: they are not kept twice.
    assert [path.name for path in kept.iterdir()] == ["record.json"]
    fleet.ok("restore", "api")
    assert everything(tree) == files
    assert git_state(tree)[:4] == state[:4]


def test_a_restored_agent_can_be_resumed_and_removed_again(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    fleet.ok("rm", "--trash", "api")
    fleet.ok("restore", "api")

    fleet.ok("resume", "api")
    assert fleet.wait_state("api", "ended")["generation"] == 2
    fleet.ok("rm", "--trash", "api")

    assert not tree.exists()
    assert len(list((fleet.state / "trash").iterdir())) == 1


def test_a_branch_that_went_on_is_left_and_the_work_is_back_on_its_commit(fleet: Fleet) -> None:
    tree = spawned(fleet)
    unpushed(tree)
    commit = git(tree, "rev-parse", "HEAD")
    fleet.ok("rm", "--trash", "api")
    git(fleet.work, "checkout", "-q", "-b", "tmuxagents/api")

    restored = fleet.ok("restore", "api")

    assert "its worktree is on no branch: 'tmuxagents/api' " in restored.err
    assert git(tree, "rev-parse", "HEAD") == commit
    assert git(tree, "status", "--porcelain") == ""
    assert git(fleet.work, "rev-parse", "tmuxagents/api") == git(fleet.work, "rev-parse", "main")


def test_every_command_says_of_what_is_in_the_trash_how_it_comes_back(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    fleet.ok("rm", "--trash", "api")
    verbs = [
        "diff",
        "diff --json",
        "diff --stat",
        "conflicts",
        "merge",
        "pr",
        "review",
        "say",
        "resume",
        "stop",
        "rm",
        "wait",
    ]

    for verb in verbs:
        ran = fleet(*verb.split(), "api", *(["x"] if verb == "say" else []))

        assert (ran.code, ran.out) == (1, ""), verb
        assert ran.err.splitlines()[-2].endswith("is in the trash"), verb
        assert ran.err.splitlines()[-1] == "hint: tmuxagents restore api", verb
    fleet.ok("restore", "api")
    fleet.ok("diff", "api")


def test_what_is_in_the_way_is_not_touched(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    fleet.ok("rm", "--trash", "api")
    tree.mkdir()

    refused = fleet("restore", "api")

    assert (refused.code, refused.out) == (1, "")
    assert "is in the way of what is in the trash" in refused.err
    assert list(tree.iterdir()) == []
    tree.rmdir()
    fleet.ok("restore", "api")


def test_an_agent_of_that_name_is_in_the_way_until_it_is_called_otherwise_as_the_hint_says(fleet: Fleet) -> None:
    spawned(fleet)
    fleet.ok("rm", "--trash", "api")
    fleet.ok("spawn", "--kind", "command", "--name", "api", "--", "sleep", "100000")

    refused = fleet("restore", "api")
    hint = refused.err.splitlines()[-1]
    fleet.ok(*hint.removeprefix("hint: tmuxagents ").split())

    assert (refused.code, hint) == (1, "hint: tmuxagents rename api api-2")
    assert fleet.ok("restore", "api").out.startswith("restored api in ")


def test_what_is_big_is_said_and_nothing_is_touched(fleet: Fleet) -> None:
    tree = spawned(fleet)
    (tree / "build").mkdir()
    (tree / "build" / "big").write_bytes(b"x" * 3_000_000)
    fleet.ok("config", "set", "trash_limit_mb", "1")

    refused = fleet("rm", "api")

    assert refused.code == 3
    assert (
        "of api would go into the trash, 3 of them 'build/'\nhint: tmuxagents config set trash_limit_mb 4"
        in refused.err
    )
    assert (tree / "build" / "big").exists()
    assert list((fleet.state / "trash").glob("*")) == []
    (tree / "build" / "big").write_bytes(b"x" * 3_000)
    fleet.ok("config", "set", "trash_limit_mb", "0")
    assert " kB of api would go into the trash" in fleet("rm", "api").err


def test_from_a_shell_that_stands_in_the_folder_nothing_is_lost(fleet: Fleet) -> None:
    tree = spawned(fleet)
    ran = subprocess.run(
        ["sh", "-c", '"$@" && echo late > late', "sh", *fleet.argv("rm", "api")],
        cwd=tree,
        env=fleet.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    fleet.ok("restore", "api")
    assert (tree / "late").read_text() == "late\n"


def test_a_program_that_still_writes_loses_nothing(fleet: Fleet) -> None:
    tree = spawned(fleet)
    writer = subprocess.Popen(
        ["sh", "-c", "exec >> log.txt; n=0; while :; do n=$((n+1)); echo $n; : > f$n; done"], cwd=tree
    )
    try:
        removed = fleet("rm", "--trash", "api")
        assert removed.code in (0, 3), removed.err
    finally:
        writer.kill()
        writer.wait()

    if removed.code == 0:
        fleet.ok("restore", "api")
    numbers = (tree / "log.txt").read_text().split()
    assert numbers == [str(number + 1) for number in range(len(numbers))]
    assert all((tree / f"f{number}").exists() for number in numbers[:-1])


@pytest.mark.parametrize("how", ["moved", "removed"])
def test_one_that_was_moved_or_removed_by_hand_is_noticed_and_said(fleet: Fleet, how: str) -> None:
    tree = spawned(fleet)
    unpushed(tree)
    tree.rename(fleet.root / "moved")
    if how == "removed":
        subprocess.run(["rm", "-r", fleet.root / "moved"], check=True)

    shown, resumed, listed = fleet.ok("show", "--json", "api").json["agents"][0], fleet("resume", "api"), fleet.ok("ls")

    assert shown["worktree_trouble"].startswith(f"gone from '{tree}'")
    assert resumed.code == 1
    assert f"the worktree of api was moved or removed by hand: '{tree}'" in resumed.out + resumed.err
    assert "tmuxagents/api" not in listed.out
    assert fleet("rm", "api").code == 3
    assert git(fleet.work, "rev-parse", "tmuxagents/api")


def test_who_attaches_is_told_that_the_worktree_is_gone(fleet: Fleet) -> None:
    fleet.ok("spawn", "-w", "--kind", "demo", "--name", "api")
    tree = Path(fleet.wait_state("api", "idle")["worktree"]["path"])
    tree.rename(fleet.root / "moved")

    with terminal(fleet.argv("attach", "api"), {**fleet.env, "TERM": "xterm-256color"}) as (_, drawn):
        eventually(lambda: f"the worktree of api is gone from '{tree}'".encode() in drawn)
        client = eventually(lambda: fleet.tmux("list-clients", "-F", "#{client_name}").strip())
        fleet.tmux("detach-client", "-t", client)
        eventually(lambda: b"come back with: tmuxagents attach" in drawn)


def test_one_that_git_moved_is_told_where_it_is_and_goes_on_when_it_is_back(fleet: Fleet) -> None:
    tree, moved = spawned(fleet, "-C", "below"), fleet.root / "moved"
    git(fleet.work, "worktree", "move", "-f", "-f", str(tree), str(moved))

    told = fleet("resume", "api")

    assert fleet.ok("show", "--json", "api").json["agents"][0]["worktree_trouble"] == f"moved to '{moved}'"
    assert told.err == f"tmuxagents: the worktree of api was moved to '{moved}'\nhint: mv '{moved}' '{tree}'\n"
    moved.rename(tree)
    fleet.ok("resume", "api")
    fleet.wait_state("api", "ended")
    assert str(tree) in git(fleet.work, "worktree", "list")


def test_one_that_git_moved_is_removed_and_brought_back_there(fleet: Fleet) -> None:
    tree, moved = spawned(fleet, "-C", "below"), fleet.root / "moved"
    git(fleet.work, "worktree", "move", "-f", "-f", str(tree), str(moved))
    dirty(moved)
    files = everything(moved)

    assert fleet("rm", "api").code == 3
    fleet.ok("rm", "--trash", "api")
    fleet.ok("restore", "api")

    assert everything(moved) == files
    assert fleet.agent("api")["dir"] == str(moved / "below")


def test_a_worktree_whose_agent_is_forgotten_is_listed_and_put_into_the_trash(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    files, ident = everything(tree), fleet.agent("api")["id"][:8]
    # As a version does that knows of no worktrees.
    with contextlib.closing(sqlite3.connect(fleet.state / "tmuxagents.db")) as db, db:
        db.execute("UPDATE agents SET forgotten = 1")

    assert fleet.ok("prune").out.startswith(f"{ident}  without an agent  ")
    assert fleet.ok("prune", ident).out == f"put into the trash {ident}: api\n"

    assert not tree.exists()
    fleet.ok("restore", "api")
    assert everything(tree) == files


def test_a_submodule_as_its_remote_has_it_is_no_work_and_comes_back(fleet: Fleet) -> None:
    other = fleet.root / "other"
    git(fleet.root, "init", "-q", "-b", "main", str(other))
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    git(fleet.work, "submodule", "add", "-q", str(other), "sub")
    git(fleet.work, "commit", "-q", "-m", "with a submodule")
    tree = spawned(fleet)
    git(tree, "submodule", "update", "-q", "--init")
    (tree / "sub").chmod(0o750)
    files = everything(tree)

    fleet.ok("rm", "api")
    fleet.ok("restore", "api")

    assert everything(tree) == files
    assert git(tree / "sub", "rev-parse", "HEAD") == git(other, "rev-parse", "HEAD")


def test_a_repository_with_longer_ids_is_as_good(fleet: Fleet) -> None:
    folder = fleet.root / "longer"
    git(fleet.root, "init", "-q", "-b", "main", "--object-format=sha256", str(folder))
    (folder / "file").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "x")
    tree = spawned(fleet, "-C", str(folder))
    unpushed(tree)
    staged_then_changed(tree)
    files, state = everything(tree), git_state(tree)

    assert fleet("rm", "api").code == 3
    fleet.ok("rm", "--trash", "api")
    git(folder, "gc", "-q", "--prune=now")
    fleet.ok("restore", "api")

    assert (everything(tree), git_state(tree)) == (files, state)


@pytest.mark.parametrize("how", ["line ends", "filter", "sparse"])
def test_a_checkout_that_is_as_git_made_it_holds_no_work(fleet: Fleet, how: str) -> None:
    if how == "line ends":
        git(fleet.work, "config", "core.autocrlf", "true")
    elif how == "filter":
        (fleet.work / ".gitattributes").write_text("file filter=upper\n")
        git(fleet.work, "config", "filter.upper.smudge", "tr a-z A-Z")
        git(fleet.work, "config", "filter.upper.clean", "tr A-Z a-z")
        git(fleet.work, "add", ".")
        git(fleet.work, "commit", "-q", "-m", "filtered")
    else:
        git(fleet.work, "sparse-checkout", "set", "below")
    tree = spawned(fleet)
    # A file as old as the index is looked at, and without its filter is another. Then git notes that it has looked.
    os.utime(tree / "file", (1, 1)) if how != "sparse" else None
    git(tree, "status")
    files, state = everything(tree), git_state(tree)[:4]
    if how == "line ends":
        assert (tree / "file").read_bytes() == b"one\r\n"
    elif how == "filter":
        assert (tree / "file").read_text() == "ONE\n"

    fleet.ok("rm", "api")

    assert not tree.exists()
    fleet.ok("restore", "api")
    assert everything(tree) == files
    assert git_state(tree)[:4] == state


def test_nothing_is_taken_from_under_another_agent(fleet: Fleet) -> None:
    tree = spawned(fleet)
    fleet.ok("spawn", "--kind", "demo", "--name", "guest", "-C", str(tree / "below"))

    refused = fleet("rm", "--trash", "api")

    assert (refused.code, tree.exists()) == (3, True)
    assert refused.err == "tmuxagents: guest works in the worktree of api\nhint: tmuxagents stop guest\n"
    fleet.ok("stop", "guest")
    fleet.ok("rm", "api")


def test_a_worktree_in_another_is_not_taken_away_with_it(fleet: Fleet) -> None:
    tree = spawned(fleet)
    git(tree, "worktree", "add", "-q", "--detach", "build/nested")

    refused = fleet("rm", "--trash", "api")

    assert (refused.code, tree.exists()) == (3, True)
    assert refused.err.startswith(f"tmuxagents: another worktree is in that of api: '{tree}/build/nested'")


@pytest.mark.parametrize("committed", [True, False])
def test_one_that_was_removed_with_git_leaves_a_branch_only_for_its_commits(fleet: Fleet, committed: bool) -> None:
    tree = spawned(fleet)
    unpushed(tree) if committed else None
    git(fleet.work, "worktree", "unlock", str(tree))
    git(fleet.work, "worktree", "remove", str(tree))
    ident = fleet.agent("api")["id"][:8]
    assert fleet.ok("prune").out.startswith(f"{ident}  without its worktree  ")

    removed = fleet("prune", ident)

    assert removed.code == (3 if committed else 0), removed.err
    if committed:
        assert "api has work that is nowhere else: 1 commit on 'tmuxagents/api'" in removed.err
        fleet.ok("rm", "--trash", "api")
    assert (git(fleet.work, "branch", "--list", "tmuxagents/api") != "") is committed


def test_a_branch_that_went_on_is_listed_when_it_is_merged_and_then_deleted(fleet: Fleet) -> None:
    tree = spawned(fleet)
    unpushed(tree)
    git(tree, "checkout", "-q", "--detach")
    git(fleet.work, "checkout", "-q", "tmuxagents/api")
    fleet.ok("rm", "--trash", "api")
    fleet.ok("prune", fleet.ok("prune", "--json").json["orphans"][0]["id"])
    git(fleet.work, "checkout", "-q", "main")
    assert fleet.ok("prune").out == ""
    git(fleet.work, "merge", "-q", "tmuxagents/api")

    [listed] = fleet.ok("prune", "--json").json["orphans"]
    assert (listed["what"], listed["branch"]) == ("branch", "tmuxagents/api")
    fleet.ok("prune", listed["id"])

    assert git(fleet.work, "branch", "--list", "tmuxagents/api") == ""
    assert fleet.ok("prune").out == ""


def test_a_record_that_names_another_folder_deletes_nothing(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    ident = fleet.ok("rm", "--trash", "--json", "api").json["trash"][0]["id"]
    record = fleet.state / "trash" / ident / "record.json"
    record.write_text(record.read_text().replace(f"{ident}/tree", f"{ident}/../../../home"))

    assert fleet("prune", ident).code == 2
    assert fleet.home.is_dir()


def test_the_trash_is_listed_and_deleted_by_id_alone(fleet: Fleet) -> None:
    tree = spawned(fleet)
    dirty(tree)
    ident = fleet.ok("rm", "--trash", "--json", "api").json["trash"][0]["id"]

    listed = fleet.ok("prune")
    unknown = fleet("prune", "nothing")

    assert listed.out.startswith(f"{ident}  in the trash  ")
    assert (unknown.code, unknown.err.splitlines()[0]) == (2, "tmuxagents: prune lists no 'nothing'")
    assert fleet.ok("prune", "--json").json["orphans"][0]["path"] == str(tree)
    fleet.ok("prune", ident)
    assert fleet.ok("prune").out == ""
    assert git(fleet.work, "for-each-ref", "refs/tmuxagents") == ""
    assert not (fleet.work / ".git" / "tmuxagents" / ident).exists()
    assert list((fleet.state / "trash").iterdir()) == []
    refused = fleet("restore", "api")
    assert (refused.code, refused.err.splitlines()[0]) == (3, "tmuxagents: nothing of 'api' is in the trash")
