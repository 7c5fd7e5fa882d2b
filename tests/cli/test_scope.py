"""`spawn --scope`, and what is seen of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import git
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots, eventually


@pytest.fixture
def fleet(roots: Roots) -> Iterator[Fleet]:
    with roots() as folder:
        made = fleets.make(folder)
        git(made.work, "init", "-q", "-b", "main")
        git(made.work, "commit", "-q", "--allow-empty", "-m", "first")
        try:
            yield made
        finally:
            made.end()


def notes(fleet: Fleet, name: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries(name) if entry["kind"] == "note"]


def test_what_another_program_changes_outside_its_scope_is_noticed_and_shown(fleet: Fleet) -> None:
    writes = "echo x > within; echo x > outside; read line"
    fleet.ok("spawn", "-w", "--kind", "command", "--name", "api", "--scope", "within", "--", "sh", "-c", writes)

    agent = fleet.wait_for("api", lambda a: a["outside_scope"])

    assert (agent["scope"], agent["outside_scope"]) == (["within"], ["outside"])
    assert notes(fleet, "api") == ["changed outside its scope: outside"]
    assert "changed outside its scope: outside" in fleet.ok("ls").out
    shown = fleet.ok("show", "api").out
    assert "within (what else changes is noticed)" in shown
    assert "outside it    outside" in shown

    fleet.ok("stop", "api")
    fleet.ok("resume", "api")
    eventually(lambda: fleet.agent("api")["state"] == "working")
    assert fleet.agent("api")["scope"] == ["within"]
    fleet.ok("controller", "stop")
    assert notes(fleet, "api") == ["changed outside its scope: outside", "resumed"]


def test_what_a_set_up_makes_is_no_change_of_the_agents(fleet: Fleet) -> None:
    Path(fleet.env["TMUXAGENTS_CONFIG"]).write_text('[worktree]\nsetup = ["echo x > made"]\n')
    begin = fleet.root / "begin"
    os.mkfifo(begin)
    program = f"cat {begin}; echo x > outside; read line"

    fleet.ok("spawn", "-w", "--kind", "command", "--name", "api", "--scope", "within", "--", "sh", "-c", program)
    agent = fleet.wait_state("api", "working")
    eventually((fleet.state / "agents" / agent["id"] / "scope.json").exists)
    begin.write_text("")

    assert fleet.wait_for("api", lambda a: a["outside_scope"])["outside_scope"] == ["outside"]
    assert (Path(agent["dir"]) / "made").exists()


@pytest.mark.soak
def test_scopes_that_overlap_are_listed_while_both_live(fleet: Fleet) -> None:
    for name, glob in (("api", "src/auth/**"), ("web", "src/*/login.py"), ("docs", "docs/")):
        fleet.ok("spawn", "-w", "--kind", "command", "--name", name, "--scope", glob, "--", "sleep", "1000")

    assert "scopes overlap: api with web\n" in fleet.ok("ls").out
    assert [fleet.agent(name)["scope_overlaps"] for name in ("api", "web", "docs")] == [["web"], ["api"], []]
    assert "overlaps with that of web" in fleet.ok("show", "api").out

    fleet.ok("stop", "web")
    assert "overlap" not in fleet.ok("ls").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scope", "../x"], "leads out of the checkout"),
        (["--scope", "/etc"], "is not a path from the top"),
        (["--scope", ".git/hooks"], "is git's own folder"),
        (["--scope", ""], "is empty"),
        (["--scope", "x", "-C", "/"], "is in no git repository"),
    ],
)
def test_a_scope_that_cannot_hold_is_refused_in_one_line(fleet: Fleet, options: list[str], words: str) -> None:
    ran = fleet("spawn", "--kind", "command", *options, "--", "true")

    assert ran.code == 2
    assert words in ran.err.splitlines()[0]
    assert ran.err.splitlines()[1].startswith("hint: ")
    assert fleet.agents() == []
