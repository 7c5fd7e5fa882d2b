"""`tmuxagents merge`, as it is typed."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from tests.cli.test_diff import agent_in
from tests.services.review.test_figures import edit
from tests.support import killed, worktrees
from tests.support.fleet import Fleet, eventually
from tests.support.worktrees import Project, commit, everything, git, truth

STEPS_AT_LEAST = 5


@pytest.fixture
def project(fleet: Fleet) -> Project:
    (fleet.home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    return worktrees.make(fleet.root / "project")


def test_several_land_in_an_order_that_is_said_and_one_that_conflicts_does_not_keep_the_others(
    fleet: Fleet, project: Project
) -> None:
    for name, line, more in (("big", 3, 3), ("small", 3, 0), ("other", 19, 1)):
        tree = agent_in(fleet, project, name)
        edit(tree / "text", f"line {line}\n", f"{name}\n")
        for number in range(more):
            (tree / f"{name}{number}").write_text("x\n")
        commit(tree)

    ran = fleet("merge", "big,small,other")

    assert ran.code == 3
    assert [row.split(" (")[0] for row in ran.out.splitlines()] == [
        "fast-forwarded into main: small",
        "merged into main: other",
    ]
    assert ran.err.splitlines() == [
        "tmuxagents: in this order: small, other, big",
        "tmuxagents: big conflicts with 'main': text",
        "hint: tmuxagents conflicts big",
    ]
    assert git(project.main, "status", "--porcelain") == ""
    told = [entry["text"] for entry in fleet.entries("--only", "note") if "main" in entry["text"]]
    assert [text.split(" at ")[0] for text in told] == ["fast-forwarded into main", "merged into main"]


def test_json_has_every_key(fleet: Fleet, project: Project) -> None:
    edit(agent_in(fleet, project, "api") / "text", "line 3\n", "three\n")
    before = git(project.main, "rev-parse", "HEAD")

    refused = fleet("merge", "api", "--json")
    done = fleet.ok("merge", "api", "--json", "--commit", "-m", "all of it")

    (no,), (yes,) = json.loads(refused.out)["results"], json.loads(done.out)["results"]
    assert refused.code == 3
    assert set(no) == set(yes)
    assert (no["verdict"], no["reason"]) == ("refused", "api has work that is not committed: 'text'")
    assert (yes["verdict"], yes["into"], yes["before"]) == ("fast-forwarded", "main", before)
    assert yes["after"] == yes["committed"] == git(project.main, "rev-parse", "HEAD")
    assert git(project.main, "log", "-1", "--format=%an %s") == "Ada all of it"


def test_what_means_nothing_is_refused(fleet: Fleet, project: Project) -> None:
    agent_in(fleet, project, "api")

    for argv, code in (
        (["merge"], 2),
        (["merge", "api", "--into", "no-such"], 2),
        (["merge", "api", "--message", " "], 2),
        (["merge", "nobody"], 1),
    ):
        ran = fleet(*argv)
        assert (ran.code, ran.out) == (code, ""), argv
        assert "hint: " in ran.err


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_killed_between_any_two_steps_nothing_is_lost(fleet: Fleet, project: Project, every: int) -> None:
    tree = agent_in(fleet, project, "api")
    (tree / "new").write_text("new\n")
    edit(tree / "text", "line 3\n", "three\n")
    edit(project.main / "text", "line 19\n", "nineteen\n")
    base, start = git(tree, "rev-parse", "HEAD"), commit(project.main)
    held = truth(tree)
    for step in itertools.count(1, every):
        went_on = not killed.before(fleet, step, "merge", "api", "--commit")

        assert truth(tree) == held, step
        now = git(project.main, "rev-parse", "HEAD")
        assert git(project.main, "status", "--porcelain") == "", step
        assert now == start or git(project.main, "rev-parse", f"{now}^1") == start

        fleet.ok("merge", "api", "--commit")

        assert (project.main / "new").read_text() == "new\n"
        assert {"three", "nineteen"} <= set((project.main / "text").read_text().splitlines())
        git(project.main, "reset", "-q", "--hard", start)
        git(tree, "reset", "-q", base)
        if went_on:
            break
    assert step > STEPS_AT_LEAST


def conflicting(fleet: Fleet, project: Project, *, speed: str = "0") -> Path:
    """The worktree of an agent that changed what has been changed on main since."""
    tree = agent_in(fleet, project, "api", speed=speed)
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)
    return tree


def test_on_a_conflict_the_agent_is_asked_to_rebase_and_what_came_of_it_is_told(fleet: Fleet, project: Project) -> None:
    conflicting(fleet, project)
    held = everything(project.main)

    ran = fleet("merge", "api", "--resolve")

    assert ran.code == 3
    first, second = ran.out.splitlines()
    assert first == "api conflicts with 'main' and is asked to rebase"
    assert second.startswith("submitted: api (")
    assert ran.err == "hint: tmuxagents wait api\n"
    (prompt,) = [entry["text"] for entry in fleet.entries("--only", "prompt")]
    assert "conflicts with what that has by now: text.\n" in prompt
    assert "git rebase 'main'\n" in prompt
    told = eventually(lambda: [e["text"] for e in fleet.entries("--only", "error")])
    assert told == ["not resolved: it still conflicts with main: text"]
    assert {path: kept for path, kept in everything(project.main).items() if held.get(path) != kept} == {}


@pytest.mark.soak
def test_when_it_has_rebased_that_is_told_and_then_it_merges(fleet: Fleet, project: Project) -> None:
    # Its turn takes half a minute: time to do for it what it is asked for.
    tree = conflicting(fleet, project, speed="0.07")
    fleet("merge", "api", "--resolve")
    git(tree, "rebase", "-q", "-X", "theirs", "main")

    told = eventually(lambda: [e["text"] for e in fleet.entries("--only", "note,error") if "resolved" in e["text"]])

    assert told == ["resolved: it merges into main now"]
    assert fleet.agent("api")["state"] == "idle"
    assert fleet.ok("merge", "api").out.startswith("fast-forwarded into main: api")
    assert "mine" in (project.main / "text").read_text().splitlines()


def test_an_agent_that_cannot_be_asked_is_told_and_not_watched(fleet: Fleet, project: Project) -> None:
    conflicting(fleet, project)
    fleet.ok("stop", "api")

    ran = fleet("merge", "api", "--resolve", "--json")

    (one,) = json.loads(ran.out)["results"]
    assert (ran.code, one["verdict"], one["asked"], one["conflicts"]) == (3, "conflicts", "gone", ["text"])
    assert "hint: tmuxagents resume api" in ran.err
    assert list((fleet.state / "agents").glob("*/resolve.json")) == []
    said = fleet("merge", "api", "--resolve").out.splitlines()
    assert said[0] == "api conflicts with 'main' and could not be asked to rebase"


def ended_with_work(fleet: Fleet, project: Project, name: str = "api") -> Path:
    tree = agent_in(fleet, project, name)
    (tree / name).write_text("x\n")
    commit(tree)
    (tree / "secret.ignored").write_text("mine\n")
    fleet.ok("stop", name)
    return tree


@pytest.mark.parametrize("how", [[], ["--squash"]])
def test_one_that_has_ended_goes_when_its_work_has_landed_and_can_be_brought_back(
    fleet: Fleet, project: Project, how: list[str]
) -> None:
    tree = ended_with_work(fleet, project)

    ran = fleet.ok("merge", "api", *how)

    assert ran.out.splitlines()[1] == "removed api; its record stays; tmuxagents restore api brings its worktree back"
    assert (tree.exists(), fleet.agents()) == (False, [])
    assert git(project.main, "branch", "--list", "t/api") == ""
    fleet.ok("restore", "api")
    assert (tree / "secret.ignored").read_text() == "mine\n"
    assert git(tree, "status", "--porcelain") == ""


def test_it_stays_with_keep_while_it_runs_and_where_something_would_be_lost(fleet: Fleet, project: Project) -> None:
    runs = agent_in(fleet, project, "runs")
    kept = ended_with_work(fleet, project, "kept")
    lossy = ended_with_work(fleet, project, "lossy")
    git(lossy, "commit", "-q", "--allow-empty", "-m", "alone")
    git(lossy, "branch", "side", "HEAD~1")
    (lossy / "new").write_text("stashed\n")
    git(lossy, "stash", "-u")

    fleet.ok("merge", "runs")
    fleet.ok("merge", "kept", "--keep")
    ran = fleet.ok("merge", "lossy", "--json")

    assert ran.err.startswith("tmuxagents: lossy stays: lossy has work that is nowhere else: 1 stash")
    (one,) = json.loads(ran.out)["results"]
    assert (one["verdict"], one["removed"], one["trash"]) == ("merged", False, None)
    assert all(tree.exists() for tree in (runs, kept, lossy))
    assert len(fleet.agents()) == 3
