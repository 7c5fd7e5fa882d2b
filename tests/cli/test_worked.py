"""`ls` and `show` tell what agents have done in their worktrees, as it was recorded last, and start no git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_diff import agent_in
from tests.services.review.test_figures import edit
from tests.support import fleet as fleets
from tests.support import worktrees
from tests.support.fleet import Fleet, Roots, eventually
from tests.support.worktrees import Project, commit
from tmuxagents.cli.render import listing
from tmuxagents.model.measured import Measured
from tmuxagents.output.widths import width_of
from tmuxagents.services.fleet.worked import Worked


@pytest.fixture(scope="module")
def both(roots: Roots) -> Iterator[tuple[Fleet, Project]]:
    """Two that conflict with each other, one of them with its branch too, and one without a worktree."""
    with roots() as folder:
        fleet = fleets.make(folder)
        project = worktrees.make(folder / "project")
        try:
            api, tests = agent_in(fleet, project, "api"), agent_in(fleet, project, "tests")
            fleet.ok("spawn", "--kind", "demo", "--name", "without", "--", "--speed", "0")
            edit(api / "text", "line 3\n", "of api\n")
            commit(api)
            (api / "new").write_text("1\n2\n")
            edit(tests / "text", "line 3\n", "of tests\n")
            edit(project.main / "text", "line 3\n", "of main\n")
            commit(project.main)
            fleet.ok("say", "api", "say: done")
            fleet.wait_for("api", lambda agent: len(agent["conflicts"]) == 2 and agent["work"]["behind"] == 1)
            fleet.wait_for("tests", lambda agent: len(agent["conflicts"]) == 2)
            yield fleet, project
        finally:
            fleet.end()


def row(fleet: Fleet, name: str, **env: str) -> str:
    return next(row for row in fleet.ok("ls", **env).out.splitlines() if row.split()[0] == name)


def test_ls_shows_figures_their_age_and_who_conflicts(both: tuple[Fleet, Project]) -> None:
    fleet, _ = both

    api, tests, without = (row(fleet, name).split() for name in ("api", "tests", "without"))

    assert (api[:2], tests[:2], without[0]) == (["api", "≠"], ["tests", "≠"], "without")
    assert "≠" not in without
    at = api.index("files")
    assert (api[at - 2 : at + 3], api[at + 3][-1]) == (["t/api", "2", "files", "↑1", "↓1"], "s")
    assert fleet.ok("ls").out.splitlines()[-1] == "3 agents · ≠ 2 conflict · $0.00"


def test_ls_as_json_has_every_figure_and_every_conflict(both: tuple[Fleet, Project]) -> None:
    fleet, _ = both

    api, without = fleet.agent("api"), fleet.agent("without")

    assert {key: api["work"][key] for key in api["work"] if key not in ("measured", "changed")} == {
        "branch": "t/api",
        "into": "main",
        "ahead": 1,
        "behind": 1,
        "files": 2,
        "insertions": 3,
        "deletions": 1,
        "uncommitted": 1,
        "merges": False,
        "trouble": None,
        "there": True,
    }
    assert api["work"]["measured"] > api["work"]["changed"]
    found = {(each["agent"], each["into"]): each["files"] for each in api["conflicts"]}
    assert found == {("tests", None): ["text"], (None, "main"): ["text"]}
    assert set(without["work"]) == set(api["work"])
    assert set(without["work"].values()) == {None}
    assert without["conflicts"] == []


def test_show_says_them_with_their_age(both: tuple[Fleet, Project]) -> None:
    fleet, _ = both

    rows = {row.split()[0]: row for row in fleet.ok("show", "api").out.splitlines() if row[:1].strip()}

    assert "1 ahead of main, 1 behind; 2 files changed, +3 -1; 1 files not committed; measured" in rows["work"]
    assert rows["work"].endswith("ago on t/api")
    assert "with tests for" in rows["conflicts"]
    assert "with main for" in rows["conflicts"]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_a_terminal_of_any_width_has_room(both: tuple[Fleet, Project], width: int) -> None:
    fleet, _ = both

    rows = fleet.ok("ls", COLUMNS=str(width)).out.splitlines()

    assert [row for row in rows if width_of(row) > width] == []
    assert any("≠" in row for row in rows)


@pytest.mark.parametrize("form", ["", "--json", "--summary"])
def test_ls_starts_no_git(both: tuple[Fleet, Project], root: Path, form: str) -> None:
    fleet, _ = both
    (root / "git").write_text(f"#!/bin/sh\ntouch {root / 'ran'}\n")
    (root / "git").chmod(0o755)

    fleet.ok("ls", *form.split(), PATH=f"{root}{os.pathsep}{fleet.env['PATH']}")

    assert not (root / "ran").exists()


@pytest.mark.soak
def test_a_worktree_that_was_removed_by_hand_is_said(fleet: Fleet) -> None:
    project = worktrees.make(fleet.root / "project")
    tree = agent_in(fleet, project, "api")
    fleet.ok("say", "api", "say: done")
    fleet.wait_for("api", lambda agent: agent["work"]["files"] == 0)

    tree.rename(tree.parent / "away")

    assert " gone " in row(fleet, "api")
    assert fleet.agent("api")["work"]["there"] is False
    assert "moved or removed by hand" in fleet.ok("show", "api").out
    fleet.ok("say", "api", "say: more")
    (note,) = eventually(lambda: fleet.entries("--only", "note"))
    assert note["text"].startswith("its work cannot be measured: the worktree of api was moved or removed by hand")


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        (None, "-"),
        (Measured(trouble="x", failed=1), "?"),
        (Measured(at_ns=1, ahead=0, files=0), "nothing 1m"),
        (Measured(at_ns=1, ahead=2, behind=3, files=1), "1 file ↑2 ↓3 1m"),
        (Measured(at_ns=1, behind=3, files=0, trouble="x"), "↓3 1m?"),
    ],
)
def test_figures_are_short(figures: Measured | None, text: str) -> None:
    assert listing._work(Worked(figures, (), is_there=True), 60_000_000_001) == text
