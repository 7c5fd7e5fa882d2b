"""`tmuxagents conflicts`, as it is typed."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_diff import agent_in
from tests.services.review.test_figures import edit
from tests.support import worktrees
from tests.support.fleet import Fleet
from tests.support.worktrees import Project


@pytest.fixture
def project(fleet: Fleet) -> Project:
    return worktrees.make(fleet.root / "project")


def test_who_conflicts_with_whom_in_which_lines(fleet: Fleet, project: Project) -> None:
    edit(agent_in(fleet, project, "api") / "text", "line 3\n", "of api\x1b[8m\n")
    edit(agent_in(fleet, project, "tests") / "text", "line 3\n", "1\n2\n3\n4\n5\n6\n")

    assert fleet.ok("conflicts").out.splitlines() == [
        "api conflicts with tests in 1 file",
        "  text: contents",
        "    api   | of api^[[8m",
        "    tests | 1",
        "          | 2",
        "          | 3",
        "          | 4",
        "          | … 2 more",
    ]
    found = json.loads(fleet.ok("conflicts", "api", "--json").out)
    assert (found["tried"], found["unseen"]) == (2, [])
    assert found["conflicts"] == [
        {
            "one": "api",
            "other": "tests",
            "into": None,
            "clashes": [
                {
                    "what": "contents",
                    "paths": ["text"],
                    "hunks": [{"one": "of api\x1b[8m\n", "other": "1\n2\n3\n4\n5\n6\n"}],
                }
            ],
        }
    ]


def test_without_conflicts_it_says_how_many_pairs_were_tried(fleet: Fleet, project: Project) -> None:
    agent_in(fleet, project, "api")
    fleet.ok("spawn", "--kind", "demo", "--name", "without", "--", "--speed", "0")

    ran = fleet.ok("conflicts")

    assert (ran.out, ran.err) == ("", "tmuxagents: no conflicts (1 pair tried)\n")
    assert fleet("conflicts", "without").code == 1
