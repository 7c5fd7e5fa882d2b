"""`tmuxagents diff`, as it is typed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.fleet import Fleet, eventually, terminal
from tests.support.worktrees import Project, commit, git
from tmuxagents.names import AgentId
from tmuxagents.store import agents
from tmuxagents.store.database import Database


@pytest.fixture
def project(fleet: Fleet) -> Project:
    return worktrees.make(fleet.root / "project")


def agent_in(fleet: Fleet, project: Project, name: str, *, speed: str = "0") -> Path:
    """An agent whose row says that the worktree is its own."""
    tree = project.worktree(name)
    fleet.ok("spawn", "--kind", "demo", "--name", name, "-C", str(tree), "--", "--speed", speed)
    # One that has not begun is in no state to be merged.
    agent_id = AgentId(fleet.wait_state(name, "idle")["id"])
    with Database(fleet.state / "tmuxagents.db") as db, db.write() as tx:
        agents.set_worktree(tx, agent_id, project.record(name), folder=str(tree))
    return tree


def test_a_line_for_each_agent_with_a_worktree(fleet: Fleet, project: Project) -> None:
    api, tests = agent_in(fleet, project, "api"), agent_in(fleet, project, "tests")
    fleet.ok("spawn", "--kind", "demo", "--name", "without", "--", "--speed", "0")
    (api / "new").write_text("1\n2\n")
    (tests / "text").write_text("mine\n")
    commit(tests)
    (project.main / "text").write_text("theirs\n")
    commit(project.main)

    rows = fleet.ok("diff").out.splitlines()

    assert [row.split()[0] for row in rows] == ["AGENT", "api", "tests"]
    assert rows[1].split()[1:7] == ["1", "+2", "-0", "0", "and", "more"]
    assert rows[1].endswith("into main")
    assert rows[2].endswith("conflicts with main: text")


def test_without_a_worktree_there_is_nothing_to_show(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "without", "--", "--speed", "0")

    assert fleet.ok("diff").err == "tmuxagents: no agent has a worktree of its own\n"
    refused = fleet("diff", "without")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.splitlines() == [
        "tmuxagents: without has no worktree of its own",
        "hint: tmuxagents show without",
    ]
    assert fleet("diff", "without", "--json").code == 1


def test_a_patch_is_whole_and_can_be_applied(fleet: Fleet, project: Project) -> None:
    api = agent_in(fleet, project, "api")
    (api / "new").write_bytes(b"caf\xe9 \x1b[8mhidden\n")
    (api / "binary").write_bytes(bytes(range(255, -1, -1)))
    (api / "more").write_bytes(b"\0\1\2")
    (api / "text").write_text("shown otherwise\n")
    for key, value in (
        ("diff.noprefix", "true"),
        ("diff.external", "/bin/false"),
        ("diff.loud.textconv", "tr a-z A-Z <"),
    ):
        git(project.main, "config", key, value)
    (project.common / "info" / "attributes").write_text("text diff=loud\n")

    patch = fleet.root / "api.patch"
    with open(patch, "wb") as file:
        subprocess.run(fleet.argv("diff", "api"), env=fleet.env, cwd=fleet.work, stdout=file, check=True)
    git(project.main, "apply", str(patch))

    for name in ("new", "binary", "more", "text"):
        assert (project.main / name).read_bytes() == (api / name).read_bytes()


def test_stat_and_names(fleet: Fleet, project: Project) -> None:
    (agent_in(fleet, project, "api") / "new").write_text("x\n")

    assert fleet.ok("diff", "api", "--name-only").out == "new\n"
    assert " new | 1 +\n" in fleet.ok("diff", "api", "--stat").out
    for bad in (["diff", "--stat"], ["diff", "api", "--stat", "--name-only"], ["diff", "api", "--stat", "--json"]):
        assert fleet(*bad).code == 2


def test_several_have_a_heading_each(fleet: Fleet, project: Project) -> None:
    for name in ("api", "tests"):
        (agent_in(fleet, project, name) / name).write_text("x\n")

    assert fleet.ok("diff", "api,tests", "--name-only").out == "[api]\napi\n\n[tests]\ntests\n"


def test_json_has_every_key_and_says_what_is_gone(fleet: Fleet, project: Project) -> None:
    api = agent_in(fleet, project, "api")
    (api / "line\nbreak").write_text("x\n")
    (api / "text").unlink()
    gone = agent_in(fleet, project, "gone")
    gone.rename(gone.parent / "away")

    found = {one["agent"]: one for one in json.loads(fleet.ok("diff", "--json").out)["agents"]}

    assert set(found["api"]) == set(found["gone"])
    assert {one["path"]: one["status"] for one in found["api"]["files"]} == {"line\nbreak": "A", "text": "D"}
    assert (found["api"]["merges"], found["api"]["trouble"], found["api"]["into"]) == (True, None, "main")
    assert found["gone"]["files"] is None
    assert "was moved or removed by hand" in found["gone"]["trouble"]


def test_at_a_terminal_it_goes_through_gits_own_pager_and_hides_nothing(fleet: Fleet, project: Project) -> None:
    (agent_in(fleet, project, "api") / "new").write_text("\x1b[8mhidden\n")
    git(project.main, "config", "core.pager", f"cat > {fleet.root}/half && mv {fleet.root}/half {fleet.root}/paged")

    env = {**fleet.env, "TERM": "xterm-256color"}
    with terminal(fleet.argv("diff", "api"), env):
        eventually((fleet.root / "paged").exists)

    paged = (fleet.root / "paged").read_text()
    assert "^[[8mhidden" in paged
    assert "\x1b[8m" not in paged
    assert "\x1b[32m" in paged


def test_it_is_measured_against_the_branch_that_the_agent_was_started_on(fleet: Fleet, project: Project) -> None:
    git(project.main, "checkout", "-q", "-b", "feature")
    git(project.main, "branch", "release")
    ends = ("--kind", "command", "-C", str(project.main))
    fleet.ok("spawn", "-w", *ends, "--name", "api", "--", "true")
    fleet.ok("spawn", "-w", *ends, "--name", "tests", "--base", "release", "--", "true")
    fleet.ok("spawn", "-w", *ends, "--name", "docs", "--base", "release~0", "--", "true")
    git(project.main, "checkout", "-q", "main")

    found = {one["agent"]: one["into"] for one in json.loads(fleet.ok("diff", "--json").out)["agents"]}

    assert found == {"api": "feature", "tests": "release", "docs": "main"}
