"""`tmuxagents merge`, as it is typed."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.cli.test_diff import agent_in
from tests.services.review.test_figures import edit
from tests.support import killed, worktrees
from tests.support.fleet import Fleet
from tests.support.worktrees import Project, commit, git, truth

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


def test_killed_between_any_two_steps_nothing_is_lost(fleet: Fleet, project: Project) -> None:
    tree = agent_in(fleet, project, "api")
    (tree / "new").write_text("new\n")
    edit(tree / "text", "line 3\n", "three\n")
    edit(project.main / "text", "line 19\n", "nineteen\n")
    base, start = git(tree, "rev-parse", "HEAD"), commit(project.main)
    held = truth(tree)
    for step in itertools.count(1):
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
