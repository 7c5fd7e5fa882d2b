"""`spawn --branch-off AGENT`, but for what the program makes of its copy (`tests/live_claude/test_branch_off.py`)."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import everything, git, git_state
from tests.support import fleet as fleets
from tests.support import killed
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


@pytest.mark.soak
def test_where_it_cannot_be_started_nothing_of_the_copy_is_left(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "echo", "--name", "api", "hello")
    fleet.wait_for("api", lambda a: a["turns"] == 1)
    (fleet.work / "below" / "file").write_text("changed\n")
    (fleet.work / "new").write_text("untracked\n")
    before = git_state(fleet.work)
    without_tmux = fleet.root / "bin"
    without_tmux.mkdir()
    (without_tmux / "git").symlink_to(shutil.which("git") or "")

    assert fleet("spawn", "--branch-off", "api", "--name", "alt", PATH=str(without_tmux)).code != 0

    assert [agent["name"] for agent in fleet.agents()] == ["api"]
    assert git_state(fleet.work) == before
    assert git(fleet.work, "for-each-ref", "refs/tmuxagents") == ""
    assert list(fleet.work.parent.glob("work.worktrees/*")) == []


@pytest.mark.slow
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.soak)])
def test_killed_between_any_two_steps_the_first_is_as_it_was_and_the_other_is_whole_or_refused(
    fleet: Fleet, every: int
) -> None:
    fleet.ok("spawn", "--kind", "echo", "--name", "api", "hello")
    fleet.wait_for("api", lambda a: a["turns"] == 1)
    (fleet.work / "below" / "file").write_text("changed\n")
    (fleet.work / "new").write_text("untracked\n")
    files, status, went_on = _files(fleet), git_state(fleet.work)[:4], set[bool]()

    for step in itertools.count(1, every):
        was_killed = killed.before(fleet, step, "spawn", "--branch-off", "api", "--name", "alt")

        assert (_files(fleet), git_state(fleet.work)[:4]) == (files, status)
        if any(agent["name"] == "alt" for agent in fleet.agents()):
            went_on.add(_goes_on(fleet))
        if not was_killed:
            break
    assert went_on == {True, False}


def _files(fleet: Fleet) -> dict[bytes, tuple[int, bytes]]:
    return {path: found for path, found in everything(fleet.work).items() if not path.startswith(b".git")}


def _goes_on(fleet: Fleet) -> bool:
    """Whether it is there whole, or is when it is resumed; it is removed again."""
    found = fleet.wait_for("alt", lambda a: a["state"] in ("idle", "failed"))
    if found["state"] == "failed":
        resumed = fleet("resume", "alt")
        assert (resumed.code, "was cut off before it had its copy of api" in resumed.err) in ((0, False), (3, True))
    agent = fleet.agent("alt")
    whole = bool(agent["state"] != "failed")
    if whole:
        assert git(agent["worktree"]["path"], "status", "--short").split("\n") == ["M below/file", "?? new"]
        fleet.ok("stop", "alt")
    fleet.ok("rm", "--trash", "alt")
    return whole


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
