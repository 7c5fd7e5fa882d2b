"""`tmuxagents pr`, as it is typed, with the controller that watches."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.test_diff import agent_in
from tests.services.review.test_figures import edit
from tests.support import github, killed, worktrees
from tests.support.fleet import Fleet
from tests.support.github import FAILED, GitHub, comment
from tests.support.worktrees import Project, commit, git

STEPS_AT_LEAST = 4


@pytest.fixture
def project(fleet: Fleet) -> Project:
    (fleet.home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    (fleet.home / "config.toml").write_text("pr_watch_s = 1\n")
    return worktrees.make(fleet.root / "project")


@pytest.fixture
def hub(fleet: Fleet, project: Project) -> Iterator[GitHub]:
    made = github.make(fleet.root, project)
    before = fleet.env["PATH"]
    fleet.env["PATH"] = f"{made.bin}{os.pathsep}{before}"
    yield made
    fleet.env["PATH"] = before


def work_in(fleet: Fleet, project: Project, name: str) -> Path:
    """An agent that has committed something."""
    tree = agent_in(fleet, project, name)
    edit(tree / "text", "line 3\n", "three\n")
    commit(tree, "add auth")
    return tree


def prompts(fleet: Fleet, name: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries(name, "--only", "prompt")]


def pull_of(fleet: Fleet, name: str) -> dict[str, Any]:
    found: dict[str, Any] = fleet.agent(name)["pr"]
    return found


def test_watched_it_tells_the_agent_each_thing_once_whoever_is_killed(
    fleet: Fleet, project: Project, hub: GitHub
) -> None:
    tree = work_in(fleet, project, "api")
    head, url = git(tree, "rev-parse", "HEAD"), "https://github.com/o/n/pull/12"

    ran = fleet.ok("pr", "api", "--watch", "--rounds", "2")

    assert ran.out.splitlines() == [
        f"pushed {head[:8]} to origin; opened #12: api ({url})",
        "watched: api, pr #12: not looked at yet, 0 of 2 rounds",
    ]
    hub.change(permissions={"bob": "write"})
    hub.change_pull(
        statusCheckRollup=[FAILED],
        comments=[comment("1", "bob", "Rename it."), comment("2", "eve", "Delete it.", association="NONE")],
    )
    fleet.wait_for("api", lambda agent: agent["pr"]["told"] == 1 and agent["turns"] == 1)
    controller = psutil.Process(int((fleet.state / "controller.pid").read_text()))
    controller.kill()
    psutil.wait_procs([controller], timeout=10)
    fleet.ok("ls")
    hub.change_pull(statusCheckRollup=[FAILED, {**FAILED, "name": "lint"}])
    fleet.wait_for("api", lambda agent: agent["pr"]["told"] == 2 and agent["turns"] == 2)

    first, second = prompts(fleet, "api")
    assert "- ci / test: failure" in first
    assert "> Rename it." in first
    assert "Delete it." not in first + second
    assert ("- ci / lint" in second, "- ci / test" in second, "Rename" in second) == (True, False, False)
    assert "pr #12: checks fail, 2 of 2 rounds" in fleet.ok("ls").out
    shown = fleet.ok("show", "api").out
    assert f"{url}; pr #12: checks fail, 2 of 2 rounds; looked at " in shown
    assert "1 comment of others is not told to it" in " ".join(shown.split())

    assert fleet.ok("pr", "api", "--unwatch").out == "not watched any more: api #12\n"
    assert fleet.ok("pr", "api", "--unwatch").out == "was not watched: api #12\n"
    assert (pull_of(fleet, "api")["watched"], pull_of(fleet, "api")["told"]) == (False, 2)


@pytest.mark.soak
def test_it_rests_while_the_agent_is_stopped_and_ends_when_it_is_merged_or_removed(
    fleet: Fleet, project: Project, hub: GitHub
) -> None:
    for name in ("api", "other"):
        work_in(fleet, project, name)
    fleet.ok("pr", "api,other", "--watch")
    fleet.wait_for("api", lambda agent: agent["pr"]["looked"] is not None)

    fleet.ok("stop", "api,other")
    fleet.wait_for("api", lambda agent: agent["pr"]["paused"])
    assert "pr #12: no checks, 0 of 3 rounds, paused" in fleet.ok("ls").out
    hub.change_pull(12, state="MERGED")
    fleet.ok("resume", "api")
    fleet.wait_for("api", lambda agent: agent["pr"]["state"] == "merged")
    fleet.ok("rm", "other")

    told = [entry["text"] for entry in fleet.entries("api", "--only", "note") if "#12 is" in entry["text"]]
    assert told[2:] == [
        "pull request #12 is not looked at while it is ended",
        "pull request #12 is merged; it is not watched any more",
    ]
    told = [entry["text"] for entry in fleet.entries("other", "--only", "note")]
    assert "pull request #13 is not watched any more: removed" in told
    assert "pr #12: merged" in fleet.ok("ls").out


def test_json_has_every_key_and_several_are_tried_each(fleet: Fleet, project: Project, hub: GitHub) -> None:
    tree = work_in(fleet, project, "api")
    agent_in(fleet, project, "bare")

    ran = fleet("pr", "bare", "api", "--json")

    no, yes = ran.json["results"]
    assert ran.code == 3
    assert set(no) == set(yes)
    assert (no["verdict"], no["reason"], no["pr"]) == ("refused", "bare has no commit that 'main' has not", None)
    assert (yes["verdict"], yes["pushed"], yes["base"]) == ("opened", True, "main")
    assert yes["commit"] == git(tree, "rev-parse", "HEAD")
    assert yes["pr"] == pull_of(fleet, "api")
    again = fleet.ok("pr", "api", "--json").json["results"][0]
    assert (again["verdict"], again["pushed"], set(again)) == ("open already", False, set(yes))
    assert set(fleet.ok("pr", "api", "--unwatch", "--json").json["results"][0]) == set(yes)


@pytest.mark.soak
def test_killed_between_any_two_steps_there_is_one_pull_request_and_the_next_goes_on(
    fleet: Fleet, project: Project, hub: GitHub
) -> None:
    work_in(fleet, project, "api")
    for step in itertools.count(1):
        went_on = not killed.before(fleet, step, "pr", "api", "--watch")

        fleet.ok("pr", "api", "--watch")

        [made] = [one for one in hub.read()["prs"].values() if one["state"] == "OPEN"]
        pull = pull_of(fleet, "api")
        assert (pull["url"], pull["watched"], pull["state"]) == (made["url"], True, "open"), step
        fleet.ok("pr", "api", "--unwatch")
        git(hub.bare, "update-ref", "-d", "refs/heads/t/api")
        hub.change_pull(made["number"], state="CLOSED")
        if went_on:
            break
    assert step > STEPS_AT_LEAST


def test_without_gh_the_command_is_printed_and_nothing_can_be_watched(
    fleet: Fleet, project: Project, hub: GitHub
) -> None:
    tree = work_in(fleet, project, "api")
    (hub.bin / "gh").unlink()

    watched = fleet("pr", "api", "--watch")
    assert (watched.code, watched.out) == (1, "")
    assert watched.err.splitlines()[0] == "tmuxagents: gh is not installed, and only that can be asked"
    ran = fleet.ok("pr", "api")

    head = git(hub.bare, "rev-parse", "refs/heads/t/api")
    assert ran.out.splitlines() == [
        f"pushed {head[:8]} to origin: api",
        f"cd '{tree}' && gh pr create '--head=t/api' '--base=main' '--title=add auth' '--body='",
    ]
    assert ran.err == "tmuxagents: gh is not installed; this opens the pull request:\n"


def test_what_means_nothing_is_refused(fleet: Fleet, project: Project, hub: GitHub) -> None:
    agent_in(fleet, project, "api")
    fleet.ok("spawn", "--kind", "demo", "--name", "without", "--", "--speed", "0")

    for argv, code in (
        (["pr"], 2),
        (["pr", "nobody"], 1),
        (["pr", "without"], 1),
        (["pr", "api", "--rounds", "3"], 2),
        (["pr", "api", "--watch", "--rounds", "0"], 2),
        (["pr", "api", "--unwatch", "--draft"], 2),
        (["pr", "api", "--title", " "], 2),
        (["pr", "api", "without", "--title", "x"], 2),
    ):
        ran = fleet(*argv)
        assert (ran.code, ran.out) == (code, ""), argv
        assert "hint: " in ran.err
    assert hub.calls() == []
