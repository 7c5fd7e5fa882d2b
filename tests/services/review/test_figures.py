"""What an agent's work comes to, in every state that a worktree can be in; nothing of it is touched."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.drivers.test_git_call import CONFIGURED, configure
from tests.support.worktrees import Project, commit, everything, git, truth
from tmuxagents.drivers.git.merging import Outcome
from tmuxagents.errors import NoWorktree, TmuxagentsError
from tmuxagents.services.review import figures
from tmuxagents.services.review.figures import Figures

pytestmark = pytest.mark.slow


Change = Callable[[Path], object]


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def staged_then_changed(tree: Path) -> None:
    (tree / "text").write_text("staged\n")
    git(tree, "add", "text")
    (tree / "text").write_text("and changed\n")


def removed_and_staged(tree: Path) -> None:
    git(tree, "rm", "-q", "--cached", "text")


def renamed(tree: Path) -> None:
    git(tree, "mv", "text", "renamed")


def renamed_and_changed(tree: Path) -> None:
    renamed(tree)
    edit(tree / "renamed", "line 1\n", "x\n")


def link(tree: Path) -> None:
    (tree / "link").unlink()
    (tree / "link").symlink_to("/etc/passwd")


def moved_by_hand(tree: Path) -> None:
    (tree / "deep" / "er").rename(tree / "elsewhere")


def mode(tree: Path) -> None:
    (tree / "text").chmod(0o755)


def hostile_names(tree: Path) -> None:
    for name in (b"line\nbreak", b"no utf-8 \xff\xfe", b'"quoted"', b"-option", b" blank ", b"tab\there", b":(top)x"):
        with open(os.path.join(os.fsencode(tree), name), "wb") as file:
            file.write(name)


def folder_for_file(tree: Path) -> None:
    (tree / "text").unlink()
    (tree / "text").mkdir()
    (tree / "text" / "inside").write_text("x")


def folder_for_a_file_that_git_looks_away_from(tree: Path) -> None:
    git(tree, "update-index", "--assume-unchanged", "text")
    folder_for_file(tree)


def file_for_folder(tree: Path) -> None:
    (tree / "deep" / "er" / "file").unlink()
    (tree / "deep" / "er").rmdir()
    (tree / "deep").rmdir()
    (tree / "deep").write_text("a file now")


def link_for_folder(tree: Path) -> None:
    (tree / "deep" / "er" / "file").unlink()
    (tree / "deep" / "er").rmdir()
    (tree / "outside").mkdir()
    (tree / "outside" / "file").write_text("not theirs")
    (tree / "deep" / "er").symlink_to("../outside")


def intent_to_add(tree: Path) -> None:
    (tree / "new").write_text("new\n")
    git(tree, "add", "-N", "new")


def in_a_merge(tree: Path) -> None:
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    git(tree, "checkout", "-q", "-b", "side", "HEAD~1")
    edit(tree / "text", "line 3\n", "theirs\n")
    git(tree, "rm", "-q", "other")
    commit(tree)
    git(tree, "checkout", "-q", "-")
    with contextlib.suppress(subprocess.CalledProcessError):
        git(tree, "merge", "side")
    assert "<<<<<<<" in (tree / "text").read_text()


def in_a_rebase(tree: Path) -> None:
    in_a_merge(tree)
    git(tree, "merge", "--abort")
    with contextlib.suppress(subprocess.CalledProcessError):
        git(tree, "rebase", "side")
    assert "<<<<<<<" in (tree / "text").read_text()


def detached(tree: Path) -> None:
    git(tree, "checkout", "-q", "--detach")
    edit(tree / "text", "line 1\n", "x\n")


def split_index(tree: Path) -> None:
    git(tree, "update-index", "--split-index")
    edit(tree / "text", "line 1\n", "x\n")
    (tree / "new").write_text("new\n")


def same_tick(tree: Path) -> None:
    index = Path(git(tree, "rev-parse", "--absolute-git-dir")) / "index"
    about = (tree / "other").stat()
    (tree / "other").write_text("OTHER\n")
    os.utime(tree / "other", ns=(about.st_atime_ns, about.st_mtime_ns))
    os.utime(index, ns=(about.st_mtime_ns, about.st_mtime_ns))
    git(tree, "config", "core.trustctime", "false")


STATES: Mapping[str, Change] = {
    "as it was": lambda tree: None,
    "changed": lambda tree: edit(tree / "text", "line 1\n", "x\n"),
    "untracked": lambda tree: (tree / "new").write_text("new\n"),
    "ignored": lambda tree: (tree / "a.ignored").write_text("secret\n"),
    "staged": renamed_and_changed,
    "staged and then changed": staged_then_changed,
    "only removed from the index": removed_and_staged,
    "removed": lambda tree: (tree / "text").unlink(),
    "renamed": renamed,
    "a folder moved by hand": moved_by_hand,
    "binary": lambda tree: (tree / "binary").write_bytes(b"\0\1\2"),
    "mode": mode,
    "link": link,
    "hostile names": hostile_names,
    "a folder where a file was": folder_for_file,
    "a folder where a file was that git looks away from": folder_for_a_file_that_git_looks_away_from,
    "a file where a folder was": file_for_folder,
    "a link where a folder was": link_for_folder,
    "intent to add": intent_to_add,
    "in a merge": in_a_merge,
    "in a rebase": in_a_rebase,
    "detached": detached,
    "split index": split_index,
    "changed in the tick of the index": same_tick,
    "committed": lambda tree: ((tree / "new").write_text("new\n"), commit(tree)),
}


def unreachable(project: Project) -> list[str]:
    return sorted(git(project.main, "fsck", "--unreachable", "--no-reflogs", "--no-progress").splitlines())


def of(project: Project, *names: str) -> list[Figures]:
    agents = [project.agent(name) for name in names]
    return [measured(one) for _, one in figures.of(agents)]


def measured(one: Figures | TmuxagentsError) -> Figures:
    assert isinstance(one, Figures), one
    return one


@pytest.mark.parametrize("state", STATES)
def test_what_is_seen_is_what_lies_there_and_nothing_is_touched(project: Project, state: str) -> None:
    tree = project.worktree("api")
    STATES[state](tree)
    wanted, before, objects = truth(tree), everything(project.main.parent), unreachable(project)

    (one,) = of(project, "api")

    assert one.held.tree == wanted
    assert everything(project.main.parent) == before
    assert unreachable(project) == objects


def canary(folder: Path) -> Path:
    """A program that says that it ran, as a hook of every name too."""
    (folder / "hooks").mkdir()
    made = folder / "canary"
    made.write_text(f"#!/bin/sh\ntouch {folder}/ran\nexit 1\n")
    made.chmod(0o755)
    for name in ("reference-transaction", "post-index-change", "post-checkout", "pre-commit", "pre-auto-gc"):
        (folder / "hooks" / name).symlink_to(made)
    return made


@pytest.mark.parametrize("thing", CONFIGURED)
def test_figures_run_nothing_that_is_configured(project: Project, tmp_path: Path, thing: str) -> None:
    tree = project.worktree("api")
    (tree / ".gitattributes").write_text("* filter=strange diff=strange merge=strange\n")
    edit(tree / "text", "line 1\n", "x\n")
    edit(project.main / "text", "line 1\n", "y\n")
    commit(project.main)
    configure(tree, canary(tmp_path), CONFIGURED[thing])

    (one,) = of(project, "api")

    assert one.merges is not None
    assert not one.merges.is_clean
    assert not (tmp_path / "ran").exists()


def test_a_submodule_counts_with_its_commit_and_its_configuration_is_not_run(project: Project, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    (library / "a").write_text("a\n")
    commit(library)
    git(project.main, "submodule", "add", "-q", str(library), "sub")
    commit(project.main)
    tree = project.worktree("api")
    git(tree, "submodule", "update", "-q", "--init")
    # As long as before, so that whoever wants to know has to read it, through the filter.
    (tree / "sub" / "a").write_text("b\n")
    git(tree / "sub", "config", "filter.strange.clean", f"touch {tmp_path}/ran; cat")
    (Path(git(tree / "sub", "rev-parse", "--absolute-git-dir")) / "info" / "attributes").write_text(
        "* filter=strange\n"
    )

    (dirty,) = of(project, "api")
    assert not (tmp_path / "ran").exists()
    commit(tree / "sub")
    (moved,) = of(project, "api")

    assert not dirty.changes
    assert [change.path for change in moved.changes] == [b"sub"]
    assert (tmp_path / "ran").exists()


def test_a_repository_within_is_left_out_and_named(project: Project) -> None:
    tree = project.worktree("api")
    git(tree, "init", "-q", "nested")
    (tree / "nested" / "file").write_text("x")

    (one,) = of(project, "api")

    assert (list(one.held.within), list(one.changes)) == ([b"nested/"], [])


def test_files_lines_and_commits_are_counted_from_where_the_branch_began(project: Project) -> None:
    tree = project.worktree("api")
    edit(tree / "text", "line 3\n", "three\n")
    commit(tree)
    git(tree, "mv", "other", "another")
    (tree / "binary").write_bytes(b"\0")
    (tree / "new").write_text("1\n2\n")
    (project.main / "elsewhere").write_text("x\n")
    commit(project.main)

    (one,) = of(project, "api")

    counted = {change.path: (change.status, change.insertions, change.deletions) for change in one.changes}
    assert counted == {
        b"text": ("M", 1, 1),
        b"another": ("R", 0, 0),
        b"binary": ("M", None, None),
        b"new": ("A", 2, 0),
    }
    assert [change.before for change in one.changes if change.status == "R"] == [b"other"]
    assert (one.commits, one.side.into) == (1, "main")
    assert one.merges == Outcome(one.merges.tree if one.merges else None, [])


def test_what_is_not_committed_conflicts_too(project: Project) -> None:
    edit(project.worktree("api") / "text", "line 3\n", "mine\n")
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)

    (one,) = of(project, "api")

    assert one.merges is not None
    assert [(clash.what, list(clash.paths)) for clash in one.merges.clashes] == [("contents", [b"text"])]


def test_before_the_first_commit_everything_is_new(project: Project) -> None:
    tree = project.worktree("api")
    git(tree, "checkout", "-q", "--orphan", "fresh")

    (one,) = of(project, "api")

    assert (one.commits, one.merges, one.side.base) == (0, None, None)
    assert {change.status for change in one.changes} == {"A"}


def test_a_branch_that_shares_nothing_says_so(project: Project) -> None:
    tree = project.worktree("api")
    git(tree, "checkout", "-q", "--orphan", "fresh")
    commit(tree)

    agent = project.agent("api", base=None)
    (one,) = [one for _, one in figures.of([agent])]

    assert isinstance(one, Figures)
    assert one.merges == Outcome(None, one.merges.clashes if one.merges else [])
    assert [clash.what for clash in one.merges.clashes] == ["unrelated histories"]


def test_where_the_branch_that_it_goes_into_is_gone_it_is_measured_from_where_it_began(project: Project) -> None:
    tree = project.worktree("api")
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    (agent,) = [project.agent("api", into="no-such-branch")]

    ((_, one),) = figures.of([agent])

    assert isinstance(one, Figures)
    assert (one.side.into, one.merges, one.commits, len(one.changes)) == (None, None, 1, 1)


def test_a_branch_that_was_moved_by_hand_is_measured_where_it_is(project: Project) -> None:
    tree = project.worktree("api")
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    (project.main / "more").write_text("x\n")
    commit(project.main)
    git(tree, "reset", "-q", "--hard", "main")

    (one,) = of(project, "api")

    assert (one.commits, list(one.changes)) == (0, [])


def test_a_shallow_clone_is_measured_as_far_as_it_goes(project: Project, tmp_path: Path) -> None:
    for number in range(3):
        (project.main / "more").write_text(f"{number}\n")
        commit(project.main)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{project.main}", str(tmp_path / "shallow" / "main"))
    shallow = Project(tmp_path / "shallow" / "main")
    (shallow.worktree("api") / "new").write_text("x\n")

    (one,) = of(shallow, "api")

    assert [change.path for change in one.changes] == [b"new"]


def test_a_worktree_that_is_gone_is_told_and_the_others_are_measured(project: Project) -> None:
    gone, there = project.agent("gone"), project.agent("there")
    project.worktree("gone").rename(project.main.parent / "away")

    found = {str(agent.name): one for agent, one in figures.of([gone, there])}

    assert isinstance(found["gone"], NoWorktree)
    assert isinstance(found["there"], Figures)


def test_a_repository_that_is_gone_is_told(project: Project) -> None:
    agent = project.agent("api")
    project.common.rename(project.main / "gone")

    ((_, one),) = figures.of([agent])

    assert isinstance(one, TmuxagentsError)


def test_git_that_a_folder_points_to_elsewhere_is_not_believed(project: Project, tmp_path: Path) -> None:
    agent = project.agent("api")
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    git(other, "config", "core.fsmonitor", f"touch {tmp_path}/ran; false")
    (project.worktree("api") / ".git").write_text(f"gitdir: {other}/.git\n")

    ((_, one),) = figures.of([agent])

    assert isinstance(one, NoWorktree)
    assert not (tmp_path / "ran").exists()
