"""`spawn --branch-off AGENT`, but for what the program makes of its copy (`tests/live_claude/test_branch_off.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import git
from tests.support import fleet as fleets
from tests.support.echo import with_echo
from tests.support.fleet import Fleet


@pytest.fixture
def fleet(root: Path) -> Iterator[Fleet]:
    made = fleets.make(root, PYTHONPATH=str(with_echo(root)))
    git(made.work, "init", "-q", "-b", "main")
    (made.work / "below").mkdir()
    (made.work / "below" / "file").write_text("committed\n")
    git(made.work, "add", ".")
    git(made.work, "commit", "-q", "-m", "first")
    try:
        yield made
    finally:
        made.end()


def test_it_begins_with_the_work_of_one_in_a_plain_checkout_and_keeps_its_settings(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "echo", "--name", "api", "--scope", "below", "-C", f"{fleet.work}/below", "hello")
    fleet.wait_for("api", lambda a: a["turns"] == 1)
    (fleet.work / "below" / "file").write_text("changed\n")
    (fleet.work / "new").write_text("untracked\n")

    fleet.ok("spawn", "--branch-off", "api", "--name", "alt")

    alt = fleet.wait_for("alt", lambda a: a["state"] == "idle")
    top = Path(alt["worktree"]["path"])
    assert (alt["kind"], alt["dir"], alt["scope"]) == ("echo", f"{top}/below", ["below"])
    assert git(top, "status", "--short").split("\n") == ["M below/file", "?? new"]
    assert (top / "below" / "file").read_text() == "changed\n"
    assert git(fleet.work, "status", "--short").split("\n") == ["M below/file", "?? new"]
    notes = [entry["text"] for entry in fleet.entries("alt") if entry["kind"] == "note"]
    assert notes[0] == "branched off api, 2 of its files not committed"
    assert "branched off  api\n" in fleet.ok("show", "alt").out
    # What it began with is no change of its own.
    assert alt["outside_scope"] == []
    copy = fleet.state / "agents" / alt["id"] / "branched.jsonl"
    assert copy.read_bytes() == (fleet.state / "agents" / fleet.agent("api")["id"] / "echo.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--branch-off", "demo"], 3, "a demo agent's conversation cannot be copied"),
        (["--branch-off", "away"], 1, "is in no git repository"),
        (["--branch-off", "nobody"], 1, "nobody"),
        (["--branch-off", "api", "-C", "/"], 2, "leave -C out"),
        (["--branch-off", "api", "--base", "HEAD"], 2, "leave --base out"),
        (["--branch-off", "api", "--worktree=x"], 2, "leave --worktree=BRANCH out"),
        (["--branch-off", "api", "--kind", "demo"], 2, "leave --kind out"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_with_nothing_done(
    team: Fleet, options: list[str], code: int, words: str
) -> None:
    before = [agent["name"] for agent in team.agents()], git(team.work, "worktree", "list")

    ran = team("spawn", *options, "go on")

    assert ran.code == code
    assert words in ran.err.splitlines()[0]
    assert ran.err.splitlines()[1].startswith("hint: ")
    assert ([agent["name"] for agent in team.agents()], git(team.work, "worktree", "list")) == before


@pytest.fixture(scope="module")
def team(roots: fleets.Roots) -> Iterator[Fleet]:
    """`api` in a repository, `away` in none, and one of a kind that has no copies."""
    with roots() as root:
        made = fleets.make(root, PYTHONPATH=str(with_echo(root)))
        git(made.work, "init", "-q", "-b", "main")
        git(made.work, "commit", "-q", "--allow-empty", "-m", "first")
        try:
            made.ok("spawn", "--kind", "echo", "--name", "api", "hello")
            made.ok("spawn", "--kind", "echo", "--name", "away", "-C", str(made.root), "hello")
            made.ok("spawn", "--kind", "demo", "--name", "demo", "say: x", "--", "--speed", "0")
            for name in ("api", "away", "demo"):
                made.wait_for(name, lambda a: a["turns"] == 1)
            yield made
        finally:
            made.end()
