"""`tmuxagents fork`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.fleet import Fleet
from tests.support.worktrees import Project

SCRIPT = """
case "$1" in "put together"*) printf '%s\\n' "$1"; exit;; esac
case "$PWD" in *try-2) echo no idea; exit 3;; esac
echo "answer of ${PWD##*-} to $1"
echo more >> text
"""


@pytest.fixture
def project(fleet: Fleet) -> Project:
    (fleet.home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    return worktrees.make(fleet.root / "project")


def program(folder: Path) -> list[str]:
    return ["--kind", "command", "-C", str(folder)]


def test_one_prompt_goes_to_several_and_the_join_is_told_who_is_missing(fleet: Fleet, project: Project) -> None:
    asked = ["-w", "--check", "grep -q more text", "--join", "put together", "--compare", "what is {{ this }}?"]

    ran = fleet("fork", *asked, *program(project.main), "--json", "--", "sh", "-c", SCRIPT, "sh")

    assert ran.code == 5, ran.err
    run, found = ran.json["run"], ran.json["compare"]
    assert [(one["key"], one["state"], one["check"]) for one in found] == [
        ("try-1", "done", "passed"),
        ("try-2", "failed", None),
        ("try-3", "done", "passed"),
    ]
    assert [one["answer"] for one in found] == [
        f"answer of {n} to what is {{{{ this }}}}?" if n != 2 else None for n in (1, 2, 3)
    ]
    assert [one["work"] and [file["path"] for file in one["work"]["files"]] for one in found] == [
        ["text"],
        [],
        ["text"],
    ]
    assert (run["state"], run["tasks"][-1]["state"]) == ("failed", "done")
    assert run["tasks"][-1]["answer"].split("\n\n") == [
        "put together",
        "The answers of 2 of 3:",
        "## try-1",
        "answer of 1 to what is {{ this }}?",
        "## try-3",
        "answer of 3 to what is {{ this }}?",
        "The result of this one is missing, and nothing here is to be taken for it:",
        "- try-2 failed (exit 3: no idea)",
    ]
    shown = fleet.ok("show", run["name"], "--compare", COLUMNS="80")
    assert [row.split()[:2] for row in shown.out.splitlines()[:4]] == [
        ["TASK", "STATE"],
        ["try-1", "done"],
        ["try-2", "failed"],
        ["try-3", "done"],
    ]
    assert shown.err == f"pick one: tmuxagents pick {run['name']} TASK\n"


def test_what_would_fail_for_every_try_is_refused_before_anything_begins(fleet: Fleet) -> None:
    for argv, code in (
        (["fork"], 2),
        (["fork", "two", "prompts"], 2),
        (["fork", "-w", "x", "--kind", "demo"], 1),
        (["fork", "x", "--kind", "command"], 2),
        (["fork", "x", "--need", "2"], 2),
        (["fork", "x", "--join", "{{ tasks.try-9.answer }}"], 2),
        (["fork", "x", "--budget-tokens", "2"], 2),
        (["fork", "x", "--role", "nobody"], 2),
    ):
        ran = fleet(*argv)
        assert (ran.code, ran.out) == (code, ""), argv
        assert "hint: " in ran.err
    assert fleet.ok("runs", "--json").json["runs"] == []
