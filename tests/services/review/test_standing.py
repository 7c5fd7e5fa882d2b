"""What the agents of a repository have done is measured unasked, and each conflict is told when it begins, once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.test_git_call import CONFIGURED, configure
from tests.services.review.test_figures import canary, edit, in_a_rebase, unreachable
from tests.support import worktrees
from tests.support.worktrees import Project, commit, everything, git
from tmuxagents.drivers.git.held import Most
from tmuxagents.errors import TimedOut
from tmuxagents.model.entry import Entry
from tmuxagents.model.measured import Measured
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services.app import App, open_app
from tmuxagents.services.review import standing, telling
from tmuxagents.services.review.telling import News, Tried
from tmuxagents.services.worktrees import looking
from tmuxagents.store import agents, journal, measured

pytestmark = pytest.mark.slow


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with open_app(str(tmp_path / "state")) as opened:
        yield opened


def join(app: App, project: Project, *names: str) -> list[Path]:
    """Agents whose worktrees these are."""
    for name in names:
        agent_id = AgentId(name)
        app.own_folder(agent_id)
        values: dict[str, Any] = {"kind": "demo", "folder": "/", "task": None, "options": {}, "color": 0, "now_ns": 1}
        with app.db.write() as tx:
            agents.claim(tx, agent_id=agent_id, name=AgentName(name), **values)
            agents.set_worktree(tx, agent_id, project.record(name), folder=str(project.worktree(name)))
            agents.set_phase(tx, agent_id, "running")
    return [project.worktree(name) for name in names]


def measure(app: App, project: Project) -> standing.Outcome:
    return standing.measure(app, str(project.common))


def seen(project: Project) -> list[dict[str, tuple[int, int, str]]]:
    return [everything(project.main), everything(project.main.parent / "trees")]


def figures(app: App, name: str) -> Measured:
    return measured.figures(app.db)[AgentId(name)]


def told(app: App, kind: str = "conflict") -> list[Entry]:
    return journal.after(app.db, 0, kinds=[kind])


def lines(app: App) -> list[str]:
    return [f"{entry.agent} {entry.text}" for entry in told(app)]


def test_what_each_has_done_is_recorded_with_its_moment(app: App, project: Project) -> None:
    api, _ = join(app, project, "api", "tests")
    edit(api / "text", "line 3\n", "of api\n")
    commit(api)
    (api / "new").write_text("1\n2\n")
    (project.main / "elsewhere").write_text("x")
    commit(project.main)

    outcome = measure(app, project)

    api_now, tests_now = figures(app, "api"), figures(app, "tests")
    assert (api_now.branch, api_now.into, api_now.ahead, api_now.behind) == ("t/api", "main", 1, 1)
    assert (api_now.files, api_now.insertions, api_now.deletions, api_now.uncommitted) == (2, 3, 1, 1)
    assert (api_now.merges, api_now.trouble) == (True, None)
    assert api_now.at_ns > 0
    assert (tests_now.ahead, tests_now.behind, tests_now.files, tests_now.uncommitted) == (0, 1, 0, 0)
    assert (outcome.left, outcome.failed) == (False, False)
    assert {Path(place).name for place in outcome.checkouts} == {".git", "heads", "api", "tests"}


def test_a_conflict_is_told_to_both_when_it_begins_and_when_it_ceases_and_never_twice(
    app: App, project: Project
) -> None:
    api, tests = join(app, project, "api", "tests")
    measure(app, project)
    edit(api / "text", "line 3\n", "of api\n")
    measure(app, project)
    assert lines(app) == []

    edit(tests / "text", "line 3\n", "of tests\n")
    measure(app, project)
    measure(app, project)
    edit(tests / "text", "of tests\n", "still of tests\n")
    measure(app, project)

    # The one that has changed comes first; who reads both is told once.
    assert lines(app) == ["tests conflicts with api: text", "api conflicts with tests: text"]
    first, second = told(app)
    assert first.detail == {"with": "api", "with_id": "api", "into": None, "files": ["text"], "began": True}
    assert second.detail == {**first.detail, "with": "tests", "with_id": "tests", "beside": "tests"}
    assert [conflict.other for conflict in measured.conflicts(app.db)[AgentId("api")]] == ["tests"]

    git(api, "checkout", "-q", "text")
    measure(app, project)

    assert lines(app)[2:] == ["api no longer conflicts with tests", "tests no longer conflicts with api"]
    assert measured.conflicts(app.db) == {}


def test_in_the_middle_of_a_rebase_nothing_is_told_and_after_it_everything_is(app: App, project: Project) -> None:
    (api,) = join(app, project, "api")
    in_a_rebase(api)
    edit(project.main / "text", "line 3\n", "of main\n")
    commit(project.main)

    measure(app, project)

    assert (lines(app), figures(app, "api").merges) == ([], None)
    git(api, "rebase", "--abort")
    measure(app, project)
    assert lines(app) == ["api conflicts with main: text"]


def test_when_one_has_landed_the_other_conflicts_with_the_branch_instead(app: App, project: Project) -> None:
    for tree in join(app, project, "api", "tests"):
        edit(tree / "text", "line 3\n", f"of {tree.name}\n")
        commit(tree)
    measure(app, project)
    before = len(lines(app))

    git(project.main, "merge", "-q", "t/api")
    measure(app, project)

    assert sorted(lines(app)[before:]) == [
        "api no longer conflicts with tests",
        "tests conflicts with main: text",
        "tests no longer conflicts with api",
    ]


def test_a_file_is_told_in_one_line_whatever_it_is_called(app: App, project: Project) -> None:
    name = os.fsdecode(b"line\nbreak \x1b[8m \xff")
    for tree in join(app, project, "api", "tests"):
        with open(os.path.join(tree, name), "w") as file:
            file.write(tree.name)

    measure(app, project)

    assert lines(app)[0].startswith("api conflicts with tests: line break ")
    assert lines(app)[0].isprintable()
    assert told(app)[0].detail["files"] == [name]
    assert measured.conflicts(app.db)[AgentId("api")][0].files == (name,)


def test_one_whose_worktree_is_only_just_being_made_is_not_missed(app: App, project: Project) -> None:
    (api,) = join(app, project, "api")
    api.rename(api.parent / "away")
    with app.db.write() as tx:
        agents.set_phase(tx, AgentId("api"), "claimed")

    measure(app, project)

    assert measured.figures(app.db) == {}


def test_a_conflict_with_its_branch_is_told_to_the_agent(app: App, project: Project) -> None:
    (api,) = join(app, project, "api")
    edit(api / "text", "line 3\n", "mine\n")
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)

    measure(app, project)

    assert lines(app) == ["api conflicts with main: text"]
    assert figures(app, "api").merges is False


def test_of_what_is_as_it_was_nothing_is_tried_again(
    app: App, project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number, tree in enumerate(join(app, project, "a", "b", "c", "d")):
        edit(tree / "text", f"line {number + 1}\n", "mine\n")
    measure(app, project)
    asked = tmp_path / "asked"
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$*" >> \'{asked}\'\nexec {shutil.which("git")} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")

    measure(app, project)
    assert "merge-tree" not in asked.read_text()
    edit(project.worktree("c") / "text", "mine\n", "mine again\n")
    measure(app, project)

    assert asked.read_text().count("merge-tree") == 3


def test_nothing_is_touched(app: App, project: Project) -> None:
    for tree in join(app, project, "api", "tests"):
        (tree / "text").write_text(str(tree))
        git(tree, "add", "text")
        (tree / "new").write_text(str(tree))
    before, objects = seen(project), unreachable(project)

    measure(app, project)

    assert len(lines(app)) == 2
    assert seen(project) == before
    assert unreachable(project) == objects


@pytest.mark.parametrize("thing", CONFIGURED)
def test_measuring_runs_nothing_that_is_configured(app: App, project: Project, tmp_path: Path, thing: str) -> None:
    for tree in join(app, project, "api", "tests"):
        (tree / ".gitattributes").write_text("* filter=strange diff=strange merge=strange\n")
        edit(tree / "text", "line 1\n", f"{tree.name}\n")
    configure(project.main, canary(tmp_path), CONFIGURED[thing])

    measure(app, project)

    assert len(lines(app)) == 2
    assert not (tmp_path / "ran").exists()


def test_one_that_is_being_removed_is_left_alone(app: App, project: Project) -> None:
    api, tests = join(app, project, "api", "tests")
    for tree in (api, tests):
        (tree / "text").write_text(tree.name)
    api_agent = agents.by_id(app.db, AgentId("api"))
    assert api_agent is not None

    with looking.kept_out(app, api_agent):
        outcome = measure(app, project)

    assert outcome.left
    assert set(measured.figures(app.db)) == {"tests"}
    measure(app, project)
    assert len(lines(app)) == 2


def test_a_look_keeps_who_removes_it_waiting(app: App, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    join(app, project, "api")
    agent = agents.by_id(app.db, AgentId("api"))
    assert agent is not None
    monkeypatch.setattr(looking, "WAIT_S", 0.05)

    with looking.at(app, agent), pytest.raises(TimedOut), looking.kept_out(app, agent):
        pass


def test_looks_do_not_keep_each_other_out(app: App, project: Project) -> None:
    join(app, project, "api")
    agent = agents.by_id(app.db, AgentId("api"))
    assert agent is not None

    with looking.at(app, agent):
        assert not measure(app, project).left


def test_one_that_went_away_is_told_once_and_the_others_are_measured(app: App, project: Project) -> None:
    api, tests = join(app, project, "api", "tests")
    measure(app, project)
    api.rename(api.parent / "away")
    (tests / "new").write_text("x")

    outcomes = [measure(app, project) for _ in range(standing.TRIES + 1)]

    assert [outcome.failed for outcome in outcomes] == [True] * (standing.TRIES - 1) + [False, False]
    (note,) = told(app, "note")
    assert (note.agent, "moved or removed by hand" in note.text) == ("api", True)
    gone = figures(app, "api")
    assert (gone.branch, gone.files, gone.failed) == ("t/api", 0, standing.TRIES + 1)
    assert gone.trouble is not None
    assert figures(app, "tests").files == 1

    (api.parent / "away").rename(api)
    measure(app, project)
    assert figures(app, "api").trouble is None


def test_a_repository_that_is_gone_is_said_and_no_other_is_disturbed(
    app: App, project: Project, tmp_path: Path
) -> None:
    other = worktrees.make(tmp_path / "other")
    join(app, project, "api")
    join(app, other, "tests")
    project.main.rename(tmp_path / "elsewhere")

    measure(app, project)
    measure(app, other)

    assert "is gone" in (figures(app, "api").trouble or "")
    assert figures(app, "tests").trouble is None


def test_more_than_is_looked_at_unasked_is_said(app: App, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    many, large = join(app, project, "many", "large")
    for number in range(4):
        (many / f"new{number}").write_text("x")
    (large / "large").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr(standing, "MOST", Most(files=3, size=1_000_000))

    measure(app, project)

    assert figures(app, "many").trouble == "4 files are not committed, which is too much to look at unasked"
    assert figures(app, "large").trouble == "2 MB are not committed, which is too much to look at unasked"


def test_without_time_the_rest_is_left_for_the_next_look(
    app: App, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tree in join(app, project, "api", "tests"):
        (tree / "text").write_text(tree.name)

    with monkeypatch.context() as patch:
        patch.setattr(standing, "WHOLE_S", -1.0)
        assert measure(app, project).left
    assert measured.figures(app.db) == {}

    assert not measure(app, project).left
    assert len(lines(app)) == 2


def test_one_that_was_forgotten_meanwhile_is_told_nothing(app: App, project: Project) -> None:
    join(app, project, "api", "tests")
    api, tests = agents.known(app.db)
    news = News(pairs=[Tried(api, tests, None, measured.pair(api.id, tests.id), "sign", ["text"])])
    news.figures[api.id] = news.figures[tests.id] = (Measured(at_ns=1), "sign")
    with app.db.write() as tx:
        agents.forget(tx, api.id)

    telling.record(app, [api, tests], {}, news)

    assert lines(app) == []
    assert set(measured.figures(app.db)) == {"tests"}


def test_a_repository_of_another_user_is_said(app: App, project: Project) -> None:
    join(app, project, "api")
    for place in (project.main, project.common):
        os.chown(place, 12345, 12345)

    measure(app, project)

    assert "belongs to another user" in (figures(app, "api").trouble or "")
