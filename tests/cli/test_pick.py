"""`tmuxagents pick`, as it is typed."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.cli.test_fork import program, project
from tests.support import killed
from tests.support.fleet import Fleet
from tests.support.worktrees import Project, git

__all__ = ["project"]

SCRIPT = 'echo "$PWD" > mine; git add mine; case $PWD in *try-1) exit;; esac; git commit -qm mine; echo loose > new'


def forked(fleet: Fleet, project: Project, *options: str, name: str = "r") -> None:
    ran = fleet("fork", "-w", "--name", name, *options, "x", *program(project.main), "--", "sh", "-c", SCRIPT, "sh")
    assert ran.code == 0, ran.err


def names(fleet: Fleet) -> list[str]:
    return sorted(agent["name"] for agent in fleet.agents())


def test_one_is_landed_once_and_where_that_is_refused_nothing_is_changed(fleet: Fleet, project: Project) -> None:
    forked(fleet, project)
    start = git(project.main, "rev-parse", "HEAD")

    loose = fleet("pick", "r", "try-2")

    assert (loose.code, loose.out) == (3, "")
    assert loose.err.splitlines() == [
        "tmuxagents: r-try-2 has work that is not committed: 'new'",
        "hint: tmuxagents pick r try-2 --commit",
    ]
    assert (git(project.main, "rev-parse", "HEAD"), len(names(fleet))) == (start, 3)

    done = fleet.ok("pick", "r", "r-try-2", "--commit", "--json").json

    assert (done["run"], done["task"], done["verdict"], done["removed"]) == ("r", "try-2", "fast-forwarded", True)
    assert done["rest"] == []
    assert (project.main / "new").read_text() == "loose\n"
    assert names(fleet) == ["r-try-1", "r-try-3"]
    assert fleet.ok("show", "r", "--json").json["runs"][0]["picked"] == "try-2"
    again = fleet("pick", "r", "try-3", "--commit")
    assert (again.code, again.out) == (3, "")
    assert again.err.splitlines()[0] == "tmuxagents: 'try-2' of r was picked already, into 'main'"
    assert names(fleet) == ["r-try-1", "r-try-3"]

    # As after a kill behind the landing: what was to be removed is.
    more = fleet.ok("pick", "r", "try-2", "--rest", "rm", "--json").json
    assert names(fleet) == []

    assert (set(more), more["verdict"], more["after"]) == (set(done), "already there", done["after"])


def test_the_rest_goes_into_the_trash_and_comes_back_from_it(fleet: Fleet, project: Project) -> None:
    forked(fleet, project)

    ran = fleet.ok("pick", "r", "try-3", "--commit", "--rest", "rm", "--json")

    rest = ran.json["rest"]
    assert [(one["task"], one["agent"], one["removed"]) for one in rest] == [
        ("try-1", "r-try-1", True),
        ("try-2", "r-try-2", True),
    ]
    assert names(fleet) == []
    fleet.ok("restore", "r-try-1")
    tree = fleet.agent("r-try-1")["worktree"]["path"]
    assert git(tree, "status", "--porcelain") == "A  mine"


def test_what_cannot_be_picked_says_why(fleet: Fleet, project: Project) -> None:
    fleet("fork", "-n", "2", "--name", "bare", "x", *program(project.main), "--", "true")
    fleet.ok("fork", "-n", "1", "-w", "-d", "--name", "on", "x", *program(project.main), "--", "sh", "-c", "sleep 600")

    for argv, code, said in (
        (["bare", "try-1"], 1, "'try-1' of bare has no worktree of its own: nothing is to be landed"),
        (["bare", "zz"], 1, "bare has no task 'zz': try-1, try-2"),
        (["on", "try-1"], 3, "'try-1' of on is not over"),
        (["on", "try-1", "--rest", "rm"], 3, "on is running"),
        (["no", "try-1"], 1, "there is no run 'no'; did you mean 'on'?"),
    ):
        ran = fleet("pick", *argv)
        assert (ran.code, ran.out, ran.err.splitlines()[0]) == (code, "", f"tmuxagents: {said}")
    fleet.ok("stop", "on")


@pytest.mark.soak
def test_killed_between_any_two_steps_one_lands_and_no_other(fleet: Fleet, project: Project) -> None:
    for step in itertools.count(1):
        name = f"r{step}"
        forked(fleet, project, "-n", "2", name=name)
        start = git(project.main, "rev-parse", "HEAD")
        went_on = not killed.before(fleet, step, "pick", name, "try-2", "--commit", "--squash")

        moved = git(project.main, "rev-parse", "HEAD") != start
        other = fleet("pick", name, "try-1", "--commit")
        if moved:
            assert other.code == 3, (step, other)
        else:
            assert other.code in (0, 3), (step, other)
        if other.code:
            last = fleet("pick", name, "try-2", "--commit", "--squash")
            assert last.code == 0 or "picked already" in last.err, (step, last)
        picked = json.loads(fleet.ok("show", name, "--json").out)["runs"][0]["picked"]
        assert picked == ("try-1" if other.code == 0 else "try-2")
        git(project.main, "reset", "-q", "--hard", start)
        if went_on:
            break
    assert step > 3
