"""Whose work would conflict, found on real git in every way in which it can; nothing is touched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.drivers.test_git_call import CONFIGURED, configure
from tests.services.review.test_figures import STATES, canary, edit, in_a_rebase, unreachable
from tests.support import worktrees
from tests.support.worktrees import Project, commit, everything, git
from tmuxagents.cli.render import differing
from tmuxagents.drivers.git.merging import Hunk
from tmuxagents.errors import NoWorktree
from tmuxagents.names import AgentId
from tmuxagents.services.review import conflicts, figures
from tmuxagents.services.review.conflicts import Found
from tmuxagents.services.review.figures import Figures
from tmuxagents.value import replace

pytestmark = pytest.mark.slow


def find(project: Project, *names: str, about: Sequence[str] | None = None) -> Found:
    chosen = None if about is None else frozenset(map(AgentId, about))
    return conflicts.find([project.agent(name) for name in names], chosen)


def who(found: Found) -> list[tuple[str, str]]:
    return [(pair.one.name, pair.other.name if pair.other else pair.into or "") for pair in found.pairs]


def test_two_on_the_same_lines_are_named_with_file_and_lines_while_nothing_is_committed(project: Project) -> None:
    edit(project.worktree("api") / "text", "line 3\n", "of api\n")
    edit(project.worktree("tests") / "text", "line 3\n", "of tests\nand more\n")
    edit(project.worktree("docs") / "text", "line 19\n", "elsewhere\n")
    before, objects = everything(project.main.parent), unreachable(project)

    found = find(project, "api", "tests", "docs")

    assert who(found) == [("api", "tests")]
    (clash,) = found.pairs[0].clashes
    assert (clash.what, list(clash.paths)) == ("contents", [b"text"])
    assert list(clash.hunks) == [Hunk(b"of api\n", b"of tests\nand more\n")]
    assert found.tried == 6
    assert everything(project.main.parent) == before
    assert unreachable(project) == objects


def test_one_that_conflicts_with_its_branch_is_told(project: Project) -> None:
    edit(project.worktree("api") / "text", "line 3\n", "mine\n")
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)

    found = find(project, "api")

    assert who(found) == [("api", "main")]
    assert list(found.pairs[0].clashes[0].hunks) == [Hunk(b"mine\n", b"theirs\n")]


def test_what_lies_there_in_the_middle_of_a_rebase_is_nobodys_work(project: Project) -> None:
    in_a_rebase(project.worktree("api"))
    edit(project.main / "text", "line 3\n", "of main\n")
    commit(project.main)

    found = find(project, "api", "tests")

    assert (who(found), [(agent.name, error.message) for agent, error in found.unseen]) == (
        [],
        [("api", "a rebase is under way")],
    )
    ((_, one),) = figures.of([project.agent("api")])
    assert isinstance(one, Figures)
    assert (one.merges, one.doing) == (None, "a rebase")


def test_a_file_in_the_way_of_a_folder_is_named_as_it_is_called(project: Project) -> None:
    (project.worktree("api") / "new").mkdir()
    (project.worktree("api") / "new" / "file").write_text("x\n")
    (project.worktree("tests") / "new").write_text("x\n")

    found = find(project, "api", "tests")

    assert [list(clash.paths) for clash in found.pairs[0].clashes] == [[b"new"]]


def test_a_commit_without_a_change_is_something_for_its_branch(project: Project) -> None:
    git(project.worktree("api"), "commit", "-q", "--allow-empty", "-m", "nothing")

    rows = differing.rows(figures.of([project.agent("api")]), 0)

    assert rows[1].endswith(" into main")


def test_of_another_repository_nothing_is_told(project: Project, tmp_path: Path) -> None:
    far = worktrees.make(tmp_path / "far")
    gone = replace(far.agent("gone"), id=AgentId("gone"))
    (far.worktree("gone")).rename(tmp_path / "away")

    found = conflicts.find([project.agent("api"), gone], frozenset([AgentId("api")]))

    assert list(found.unseen) == []


def test_what_is_not_a_matter_of_lines_is_told_by_gits_word(project: Project) -> None:
    one, other = project.worktree("one"), project.worktree("other")
    (one / "binary").write_bytes(b"\0one")
    (other / "binary").write_bytes(b"\0other")
    (one / "other").unlink()
    (other / "other").write_text("changed\n")
    git(one, "mv", "text", "renamed-one")
    git(other, "mv", "text", "renamed-other")
    hostile = os.fsencode(one) + b"/line\nbreak \xff", os.fsencode(other) + b"/line\nbreak \xff"
    for place in hostile:
        with open(place, "wb") as file:
            file.write(place)

    (pair,) = find(project, "one", "other").pairs

    assert {(clash.what, clash.paths[0]) for clash in pair.clashes} == {
        ("binary", b"binary"),
        ("modify/delete", b"other"),
        ("rename/rename", b"text"),
        ("contents", b"line\nbreak \xff"),
    }


def test_text_that_looks_like_a_marker_is_text(project: Project) -> None:
    marker = "<<<<<<< x\n=======\n>>>>>>> y\n"
    edit(project.worktree("api") / "other", "other\n", marker)
    edit(project.worktree("tests") / "other", "other\n", "plain\n")

    (pair,) = find(project, "api", "tests").pairs

    (hunk,) = pair.clashes[0].hunks
    assert hunk.theirs.endswith(b"plain\n")
    assert hunk.ours.startswith(b"<<<<<<< x\n")


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_tried_and_none_is_touched(project: Project, state: str) -> None:
    STATES[state](project.worktree("api"))
    project.worktree("tests")
    before, objects = everything(project.main.parent), unreachable(project)

    found = find(project, "api", "tests")

    unseen = [error.message for _, error in found.unseen]
    expected = [f"{state.removeprefix('in ')} is under way"] if state.startswith("in a ") else []
    assert (list(found.pairs), found.tried, unseen) == ([], 1 if expected else 3, expected)
    assert everything(project.main.parent) == before
    assert unreachable(project) == objects


@pytest.mark.parametrize("thing", CONFIGURED)
def test_conflicts_run_nothing_that_is_configured(project: Project, tmp_path: Path, thing: str) -> None:
    for name in ("api", "tests"):
        (project.worktree(name) / ".gitattributes").write_text("* filter=strange diff=strange merge=strange\n")
        edit(project.worktree(name) / "text", "line 1\n", f"{name}\n")
    configure(project.main, canary(tmp_path), CONFIGURED[thing])

    found = find(project, "api", "tests")

    assert who(found) == [("api", "tests")]
    assert not (tmp_path / "ran").exists()


def test_only_pairs_with_one_that_is_named_are_tried(project: Project) -> None:
    for name in ("api", "tests", "docs"):
        (project.worktree(name) / "text").write_text(name)

    assert who(find(project, "api", "tests", "docs", about=["docs"])) == [("api", "docs"), ("tests", "docs")]


def test_one_whose_work_has_landed_conflicts_with_nobody_any_more(project: Project) -> None:
    for name in ("api", "tests"):
        edit(project.worktree(name) / "text", "line 3\n", f"of {name}\n")
        commit(project.worktree(name))
    assert who(find(project, "api", "tests")) == [("api", "tests")]

    git(project.main, "merge", "-q", "t/api")

    assert who(find(project, "api", "tests")) == [("tests", "main")]


def test_agents_of_two_repositories_are_no_pair(project: Project, tmp_path: Path) -> None:
    elsewhere = worktrees.make(tmp_path / "elsewhere")
    agents = [project.agent("api"), elsewhere.agent("tests")]
    for agent in agents:
        assert agent.worktree is not None
        (Path(agent.worktree.path) / "text").write_text(str(agent.name))

    assert conflicts.find(agents).tried == 2


def test_one_that_cannot_be_looked_at_is_told_and_the_others_are_tried(project: Project) -> None:
    agents = [project.agent(name) for name in ("api", "tests", "gone")]
    for name in ("api", "tests"):
        (project.worktree(name) / "text").write_text(name)
    project.worktree("gone").rename(project.main.parent / "away")

    found = conflicts.find(agents)

    assert who(found) == [("api", "tests")]
    ((agent, error),) = found.unseen
    assert agent.name == "gone"
    assert isinstance(error, NoWorktree)


def test_a_history_of_its_own_is_told_as_that(project: Project) -> None:
    tree = project.worktree("api")
    git(tree, "checkout", "-q", "--orphan", "fresh")
    commit(tree)

    assert [clash.what for clash in find(project, "api").pairs[0].clashes] == ["unrelated histories"]
