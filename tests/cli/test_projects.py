"""Two projects, one fleet: what changes something means the project that one stands in."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.test_git_checkout import run as git
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Ran, Roots, eventually

SLOW = "think: 1000"
FAST = ("--", "--speed", "0")


@pytest.fixture
def fleet(roots: Roots) -> Iterator[Fleet]:
    """A fleet with two repositories, `api` with a worktree beside it, and a folder that is none."""
    with roots() as folder:
        made = fleets.make(folder)
        for name in ("api", "web"):
            (made.work / name).mkdir()
            git(made.work / name, "init", "-q")
            git(made.work / name, "commit", "-q", "--allow-empty", "-m", "x")
        git(made.work / "api", "worktree", "add", "-q", str(folder / "tree"))
        (made.work / "api" / "docs").mkdir()
        try:
            yield made
        finally:
            made.end()


REMOVED = "removed web-1; its record stays\nremoved web-2; its record stays\n"


def start(fleet: Fleet, folder: Path, *names: str, task: str = "say: hello", speed: str = "0") -> None:
    for name in names:
        fleet.ok("spawn", "--kind", "demo", "--name", name, "-C", str(folder), task, "--", "--speed", speed)


def team(fleet: Fleet) -> None:
    start(fleet, fleet.work / "api", "api-1")
    start(fleet, fleet.root / "tree", "api-2")
    start(fleet, fleet.work / "web", "web-1", "web-2")
    for name in ("api-1", "api-2", "web-1", "web-2"):
        fleet.wait_for(name, lambda a: a["turns"] == 1)


def standing(fleet: Fleet, folder: Path, *args: str) -> Ran:
    return fleet(*args, folder=folder)


def states(fleet: Fleet) -> dict[str, str]:
    return {agent["name"]: agent["state"] for agent in fleet.agents()}


def test_stop_all_in_one_leaves_the_other_alone(fleet: Fleet) -> None:
    team(fleet)

    ran = standing(fleet, fleet.work / "api" / "docs", "stop", "all")

    assert ran.code == 0
    assert [line.split()[1] for line in ran.out.splitlines()] == ["api-1", "api-2"]
    assert ran.err == "tmuxagents: 2 more in other projects (web-1, web-2): -A\n"
    assert states(fleet) == {"api-1": "ended", "api-2": "ended", "web-1": "idle", "web-2": "idle"}


def test_every_verb_that_changes_something_keeps_to_its_project(fleet: Fleet) -> None:
    team(fleet)
    tree = fleet.root / "tree"
    more = "2 more in other projects (web-1, web-2): -A"

    said = standing(fleet, tree, "say", "--json", "all", "permission: Write a.rs")
    assert [one["agent"] for one in said.json["results"]] == ["api-1", "api-2"]
    assert more in said.err
    fleet.ok("say", "web-1,web-2", "permission: Write b.rs")
    for name in states(fleet):
        fleet.wait_state(name, "waiting")
    approved = standing(fleet, tree, "approve", "all")
    assert approved.out.count("approved: api-") == 2
    assert more in approved.err
    denied = standing(fleet, fleet.work / "web", "deny", "web-*")
    assert denied.out.count("denied: web-") == 2
    assert "more in other projects" not in denied.err
    assert standing(fleet, tree, "interrupt", "all").err == "tmuxagents: nobody works\n"
    assert standing(fleet, tree, "stop", "-A", "all").out.count("stopped") == 4
    resumed = standing(fleet, tree, "resume", "all")
    assert [line.split()[1] for line in resumed.out.splitlines()] == ["api-1", "api-2"]
    assert more in resumed.err
    forgot = standing(fleet, tree, "rm", "all")
    assert forgot.err == f"tmuxagents: nobody has ended in this project\ntmuxagents: {more}\n"
    assert (
        standing(fleet, fleet.work / "web", "rm", "web-*").out
        == "removed web-1; its record stays\nremoved web-2; its record stays\n"
    )


def test_a_name_that_is_given_whole_means_its_agent_wherever_it_is(fleet: Fleet) -> None:
    start(fleet, fleet.work / "web", "web-1")

    assert standing(fleet, fleet.work / "api", "stop", "web-1").out.startswith("stopped web-1")


def test_outside_of_a_repository_a_project_is_the_folder_and_what_is_below(fleet: Fleet) -> None:
    start(fleet, fleet.work / "api", "api-1")
    start(fleet, fleet.root / "tree", "api-2")

    ran = standing(fleet, fleet.work, "stop", "all")

    assert ran.out.startswith("stopped api-1")
    assert "1 more in other projects (api-2): -A" in ran.err


def test_what_reads_takes_everything_and_can_be_narrowed(fleet: Fleet) -> None:
    start(fleet, fleet.work / "api", "api-1")
    fleet.ok("spawn", "--kind", "demo", "--name", "web-1", "-C", "web", "-l", "night", "-l", "ui", "say: web", *FAST)
    fleet.ok("spawn", "--kind", "demo", "--name", "web-2", "-C", "web", "-l", "night", "die: 0", *FAST)
    for name in ("api-1", "web-1"):
        fleet.wait_for(name, lambda a: a["turns"] == 1)
    fleet.wait_state("web-2", "ended")
    web = fleet.work / "web"

    def listed(*args: str) -> list[str]:
        return sorted(standing(fleet, web, "ls", "-q", *args).out.split())

    assert listed() == listed("-A") == ["api-1", "web-1", "web-2"]
    assert listed("--here") == listed("--here", "all") == ["web-1", "web-2"]
    assert listed("--here", "api-1") == []
    assert listed("--state", "idle") == ["api-1", "web-1"]
    assert listed("-l", "night") == ["web-1", "web-2"]
    assert listed("-l", "night", "--label", "ui") == ["web-1"]
    assert listed("-l", "nigh") == []
    assert listed("--here", "--state", "idle,failed", "-l", "night") == ["web-1"]
    assert standing(fleet, web, "wait", "--here", "--for", "idle").out == "web-1 idle\n"
    assert "[web-1] web" in standing(fleet, web, "tail", "--no-follow", "--here").out
    assert "api-1" not in standing(fleet, web, "tail", "--no-follow", "--here").out
    assert "api-1" not in standing(fleet, web, "search", "--here", "hello").out
    assert standing(fleet, web, "show", "-l", "ui").out.startswith("name          web-1 ")
    assert standing(fleet, web, "show", "api-1", "web-1").out.count("evidence") == 2
    assert [one["labels"] for one in standing(fleet, web, "ls", "--json", "web-1").json["agents"]] == [["night", "ui"]]


def test_a_follower_of_this_project_hears_who_is_started_in_it_later(fleet: Fleet) -> None:
    log = fleet.root / "log"
    with log.open("w") as out:
        follower = subprocess.Popen(
            fleet.argv("tail", "--here", "--only", "text"), env=fleet.env, cwd=fleet.work / "web", stdout=out
        )
    try:
        start(fleet, fleet.work / "api", "api-1", task="say: not for you")
        start(fleet, fleet.work / "web", "web-1", task="say: for you")
        fleet.wait_for("api-1", lambda a: a["turns"] == 1)
        eventually(lambda: "[web-1] for you" in log.read_text())
    finally:
        follower.terminate()
        follower.wait(timeout=10)

    assert "api-1" not in log.read_text()


def test_a_follower_may_name_by_a_glob_those_who_are_all_still_to_come(fleet: Fleet) -> None:
    start(fleet, fleet.work / "api", "api-1", task="say: not for you")
    log, aside = fleet.root / "log", fleet.root / "aside"
    with log.open("w") as out, aside.open("w") as err:
        follower = subprocess.Popen(
            fleet.argv("tail", "zz*,web-*", "--only", "text"), env=fleet.env, cwd=fleet.work, stdout=out, stderr=err
        )
    try:
        eventually(lambda: "none of the agents is meant" in aside.read_text())
        start(fleet, fleet.work / "web", "web-1", task="say: for you")
        eventually(lambda: "[web-1] for you" in log.read_text())
    finally:
        follower.terminate()
        follower.wait(timeout=10)

    assert "api-1" not in log.read_text()


def test_resume_all_is_this_projects_and_names_how_many_others_are_lost(fleet: Fleet) -> None:
    team(fleet)
    fleet.ok("stop", "api-2")
    fleet.tmux("kill-server")
    for name in ("api-1", "web-1", "web-2"):
        fleet.wait_state(name, "lost")

    here = standing(fleet, fleet.work / "api", "resume", "all")

    assert [line.split()[1] for line in here.out.splitlines()] == ["api-1", "api-2"]
    assert here.err == "tmuxagents: 2 others are lost\nhint: tmuxagents resume --all\n"
    everywhere = standing(fleet, fleet.home, "resume", "--all")
    assert [line.split()[1] for line in everywhere.out.splitlines()] == ["web-1", "web-2"]


def test_rm_all_leaves_who_is_lost(fleet: Fleet) -> None:
    start(fleet, fleet.work / "web", "web-1")
    start(fleet, fleet.work / "web", "web-2", task="die: 0")
    fleet.wait_state("web-2", "ended")
    fleet.tmux("kill-server")
    fleet.wait_state("web-1", "lost")

    assert fleet.ok("rm", "all").out == "removed web-2; its record stays\n"
    assert fleet.ok("rm", "web-1").out == "removed web-1; its record stays\n"


# At a terminal


def at_terminal(fleet: Fleet, typed: str, *args: str) -> tuple[int, str]:
    """Run a command at a terminal; its exit code and what it asked."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            fleet.argv(*args),
            env=fleet.env,
            cwd=fleet.work / "api",
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.write(ours, typed.encode())
        process.communicate(timeout=fleets.PATIENCE_S)
        return process.returncode, os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("verb", ["stop", "rm"])
def test_everywhere_is_asked_first_at_a_terminal(fleet: Fleet, verb: str) -> None:
    task = "say: x" if verb == "stop" else "die: 0"
    start(fleet, fleet.work / "web", "web-1", task=task)
    start(fleet, fleet.work / "api", "api-1", task=task)
    for name in ("web-1", "api-1"):
        fleet.wait_state(name, "idle" if verb == "stop" else "ended")
    before = states(fleet)

    code, asked = at_terminal(fleet, "n\n", verb, "-A", "all")

    assert (code, states(fleet)) == (1, before)
    assert "2 agents in 2 folders? [y/N]" in asked
    assert at_terminal(fleet, "y\n", verb, "-A", "all")[0] == 0
    assert states(fleet) != before
