"""What a repository has brought is not carried out before somebody has consented to its very text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, eventually, terminal
from tests.support.worktrees import git

MANIFEST = "tasks:\n  one:\n    command: touch ran\n"


@pytest.fixture
def brought(fleet: Fleet) -> Path:
    """A manifest in the last commit of the repository that one works in."""
    path = fleet.work / "night.yaml"
    path.write_text(MANIFEST)
    git(fleet.work, "init", "-q")
    git(fleet.work, "add", "night.yaml")
    git(fleet.work, "commit", "-qm", "night")
    return path


def test_without_consent_nothing_is_run_and_the_hint_gives_it(fleet: Fleet, brought: Path) -> None:
    ran = fleet("run", "night.yaml", "--detach")

    assert ran.code == 1
    assert ran.err.splitlines() == [
        f"tmuxagents: '{brought}' comes with its repository, and what it has run needs your consent",
        f"hint: tmuxagents trust '{brought}'",
    ]
    assert fleet.agents() == []
    digest = fleet("trust", str(brought)).err.split("--digest ")[1].strip()
    fleet.ok("trust", str(brought), "--digest", digest)
    fleet.ok("run", "night.yaml")
    assert (fleet.work / "ran").exists()


def test_a_consent_is_to_that_text_alone(fleet: Fleet, brought: Path) -> None:
    digest = fleet("trust", str(brought)).err.split("--digest ")[1].strip()
    fleet.ok("trust", str(brought), "--digest", digest)
    brought.write_text(MANIFEST.replace("ran", "other"))

    assert fleet("run", "night.yaml", "--detach").code == 1
    assert "changed" in fleet.ok("trust", "--list").out


def test_a_file_that_no_commit_holds_is_ones_own(fleet: Fleet, brought: Path) -> None:
    (fleet.work / "mine.yaml").write_text(MANIFEST)

    fleet.ok("run", "mine.yaml")
    assert (fleet.work / "ran").exists()


def test_a_prompt_that_it_brings_needs_consent_too(fleet: Fleet, brought: Path) -> None:
    (fleet.work / "mine.yaml").write_text("tasks:\n  one:\n    kind: demo\n    prompt_file: night.yaml\n")

    assert f"'{brought}' comes with its repository" in fleet("run", "mine.yaml", "--detach").err


def test_at_a_terminal_what_would_be_run_is_shown_and_asked_for(fleet: Fleet, brought: Path) -> None:
    argv = ["sh", "-c", f'cd {fleet.work} && exec "$@"', "sh", *fleet.argv("run", "night.yaml")]
    with terminal(argv, fleet.env) as (ours, drawn):
        eventually(lambda: b"Run it?" in drawn)
        assert b"one: sh -c touch ran" in drawn
        os.write(ours, b"y\n")
        eventually((fleet.work / "ran").exists)
