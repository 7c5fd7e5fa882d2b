"""Killed between any two steps of making, removing and bringing back a worktree: no byte is lost, and it goes on."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import everything, git, git_state, spawned
from tests.services.worktrees.test_losing import staged_then_changed, strange_names, unpushed
from tests.support import killed
from tests.support.fleet import Fleet, eventually
from tests.support.matrix import every

pytestmark = pytest.mark.slow

STEPS_AT_LEAST = 6


def worked_on(fleet: Fleet) -> Path:
    tree = spawned(fleet)
    unpushed(tree)
    staged_then_changed(tree)
    strange_names(tree)
    (tree / "ignored.log").write_text("ignored\n")
    return tree


EVERY = pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.soak)])
"""Before every eighth step each time, and before each of them in the soak."""

EACH = pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.soak)])
"""In the soak alone: what it is about is made and removed by the same steps as what is shown each time."""


@EVERY
def test_removing(fleet: Fleet, every: int) -> None:
    tree = worked_on(fleet)
    files, state = everything(tree), git_state(tree)[:5]
    for step in itertools.count(1, every):
        went_on = not killed.before(fleet, step, "rm", "--trash", "api")
        if not went_on and any(agent["name"] == "api" for agent in fleet.agents()):
            fleet.ok("rm", "--trash", "api")
        assert not tree.exists()

        fleet.ok("restore", "api")

        assert everything(tree) == files, step
        assert git_state(tree)[:5] == state, step
        assert git(fleet.work, "for-each-ref", "refs/tmuxagents") == ""
        if went_on:
            break
    assert step > STEPS_AT_LEAST


@EACH
def test_bringing_back_what_was_removed_by_halves(fleet: Fleet, every: int) -> None:
    tree = worked_on(fleet)
    files, state = everything(tree), git_state(tree)[:5]
    for step in itertools.count(1, every):
        if not killed.before(fleet, step, "rm", "--trash", "api"):
            break
        ran = fleet("restore", "api")

        assert everything(tree) == files, (step, ran)
        assert git_state(tree)[:5] == state, (step, ran)
    assert step > STEPS_AT_LEAST


@EVERY
@pytest.mark.parametrize("what", every(3, ["work", "nothing", "brought"]))
def test_bringing_back(fleet: Fleet, what: str, every: int) -> None:
    if what == "brought":
        (fleet.work / "a.log").write_text("a\n")
        (fleet.work / "build").mkdir()
        (fleet.home / "config.toml").write_text('[worktree]\ncopy = ["*.log"]\nlink = ["build"]\n')
    tree = worked_on(fleet) if what == "work" else spawned(fleet)
    files, state = everything(tree), git_state(tree)[:5]
    for step in itertools.count(1, every):
        fleet.ok("rm", "--trash", "api")
        went_on = not killed.before(fleet, step, "restore", "api")
        if list((fleet.state / "trash").glob("*/record.json")):
            fleet.ok("restore", "api")

        assert everything(tree) == files, step
        assert git_state(tree)[:5] == state, step
        if went_on:
            break
    assert step > STEPS_AT_LEAST


@EACH
def test_bringing_back_what_was_gone(fleet: Fleet, every: int) -> None:
    (fleet.work / "a.log").write_text("a\n")
    (fleet.home / "config.toml").write_text('[worktree]\ncopy = ["*.log"]\n')
    tree = spawned(fleet)
    unpushed(tree)
    staged_then_changed(tree)
    for step in itertools.count(1, every):
        shutil.rmtree(tree)
        fleet.ok("rm", "--trash", "api")
        went_on = not killed.before(fleet, step, "restore", "api")
        if list((fleet.state / "trash").glob("*/record.json")):
            fleet.ok("restore", "api")

        assert git(tree, "status", "--porcelain") == "M  file", step
        assert (tree / "a.log").exists(), step
        if went_on:
            break
    assert step > STEPS_AT_LEAST


def made_whole(fleet: Fleet, every: int, script: str, wanted: Callable[[str], list[str]]) -> None:
    """Spawn agents that run the script in worktrees of their own, each killed before a later step: what is there is
    whole when it is resumed, and prints what it should."""
    for step in itertools.count(1, every):
        name = f"n{step}"
        words = ("spawn", "-w", "--kind", "command", "--name", name, "--", "sh", "-c", script)
        went_on = not killed.before(fleet, step, *words)
        if any(agent["name"] == name for agent in fleet.agents()):
            eventually(lambda name=name: fleet.agent(name)["state"] in ("failed", "ended"))  # type: ignore[misc]
            if fleet.agent(name)["state"] == "failed":
                fleet.ok("resume", name)
                fleet.wait_state(name, "ended")
            assert fleet.printed(name) == wanted(name), step
            fleet.ok("rm", name)
        if went_on:
            break
    assert step > STEPS_AT_LEAST


@EVERY
def test_making(fleet: Fleet, every: int) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other", "-C", "/")
    made_whole(fleet, every, "pwd; git status --porcelain", lambda name: [f"{fleet.work}.worktrees/{name}"])
    assert git(fleet.work, "branch", "--list", "tmuxagents/*") == ""
    assert len(git(fleet.work, "worktree", "list").split("\n")) == 1
    assert list(Path(f"{fleet.work}.worktrees").iterdir()) == []


@EACH
def test_removing_what_has_only_what_was_brought(fleet: Fleet, every: int) -> None:
    (fleet.work / "a.log").write_text("a\n")
    (fleet.work / "build").mkdir()
    (fleet.home / "config.toml").write_text('[worktree]\ncopy = ["*.log"]\nlink = ["build"]\n')
    tree = spawned(fleet)
    files = everything(tree)
    for step in itertools.count(1, every):
        went_on = not killed.before(fleet, step, "rm", "api")
        if not went_on and any(agent["name"] == "api" for agent in fleet.agents()):
            fleet.ok("rm", "api")
        assert not tree.exists()

        fleet.ok("restore", "api")

        assert everything(tree) == files, step
        if went_on:
            break
    assert step > STEPS_AT_LEAST


@EVERY
def test_making_ready(fleet: Fleet, every: int) -> None:
    (fleet.work / ".gitignore").write_text("*.env\nnode_modules\n")
    git(fleet.work, "commit", "-q", "-am", "ignored")
    (fleet.work / "a.env").write_text("a\n")
    (fleet.work / "b.env").write_text("b\n")
    (fleet.work / "node_modules").mkdir()
    (fleet.home / "config.toml").write_text('[worktree]\ncopy = ["*.env"]\nlink = ["node_modules"]\n')
    fleet.ok("spawn", "--kind", "demo", "--name", "other", "-C", "/")
    made_whole(fleet, every, "cat *.env; ls -A | wc -l", lambda _: ["a", "b", "8"])
    assert git(fleet.work, "branch", "--list", "tmuxagents/*") == ""


@EACH
def test_what_was_begun_to_be_made_ready_is_removed_without_a_word(fleet: Fleet, every: int) -> None:
    (fleet.work / "a.env").write_text("a\n")
    (fleet.work / "b.env").write_text("b\n")
    (fleet.work / "node_modules").mkdir()
    (fleet.home / "config.toml").write_text('[worktree]\ncopy = ["*.env"]\nlink = ["node_modules"]\n')
    fleet.ok("spawn", "--kind", "demo", "--name", "other", "-C", "/")
    for step in itertools.count(1, every):
        name = f"n{step}"
        went_on = not killed.before(fleet, step, "spawn", "-w", "--kind", "command", "--name", name, "--", "true")
        if any(agent["name"] == name for agent in fleet.agents()):
            eventually(lambda name=name: fleet.agent(name)["state"] in ("failed", "ended"))  # type: ignore[misc]
            fleet.ok("rm", name)
        if went_on:
            break
    assert step > STEPS_AT_LEAST


def test_a_start_that_was_killed_with_its_git_is_made_whole(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "-C", "/", "--", "true")
    (fleet.work / ".git" / "info" / "attributes").write_text("file filter=strange\n")
    # Us first, who would take back what was begun, then `git worktree add`, then the `git reset` that it runs.
    killing = "above() { ps -o ppid= -p $1; }; add=$(above $PPID); kill -9 $(above $add) $add $PPID"
    git(fleet.work, "config", "filter.strange.smudge", killing)
    ran = fleet("spawn", "-w", "--kind", "command", "--name", "half", "--", "sh", "-c", "cat file; git status --short")
    git(fleet.work, "config", "--unset", "filter.strange.smudge")
    tree = Path(f"{fleet.work}.worktrees/half")
    assert ran.code == -9
    assert tree.exists()
    assert not (fleet.work / ".git" / "worktrees" / "half" / "index").exists()

    eventually(lambda: fleet.agent("half")["state"] == "failed")
    fleet.ok("resume", "half")

    fleet.wait_state("half", "ended")
    assert fleet.printed("half") == ["one"]
    fleet.ok("rm", "half")
    assert not tree.exists()
    assert git(fleet.work, "branch", "--list", "tmuxagents/*") == ""


def test_a_checkout_that_was_killed_in_the_middle_is_made_anew(fleet: Fleet) -> None:
    tree = spawned(fleet)
    fleet.ok("rm", "api")
    name = "half"
    git(fleet.work, "commit", "-q", "--allow-empty", "-m", "second")
    (fleet.work / ".git" / "info" / "attributes").write_text("file filter=strange\n")
    git(fleet.work, "config", "filter.strange.smudge", "kill -9 $PPID")
    ran = fleet("spawn", "-w", "--kind", "command", "--name", name, "--", "true")
    git(fleet.work, "config", "--unset", "filter.strange.smudge")

    assert ran.code == 1
    assert not tree.exists()
    fleet.ok("spawn", "-w", "--kind", "command", "--name", name, "--", "cat", "file")
    assert fleet.wait_state(name, "ended")["branch"] == f"tmuxagents/{name}"
    assert fleet.printed(name) == ["one"]
    shutil.rmtree(fleet.state / "trash")
