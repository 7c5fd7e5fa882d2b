"""What a manifest says of a task reaches the agent that has it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.services.runs.recorded import RUN, begun, recorded
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import Run
from tmuxagents.services.runs import filling, manifests, requests

SAID: dict[str, Any] = {
    "kind": "claude",
    "model": "haiku",
    "permission_mode": "plan",
    "max_turns": 7,
    "mode": "print",
    "json_schema": {"type": "object"},
    "budget_usd": 0.5,
    "budget_tokens": 1000,
    "scope": ("src/**",),
    "env": {"A": "b"},
    "worktree": "topic",
    "timeout_s": 60.0,
}


def test_all_that_a_task_says_is_asked_for(tmp_path: Path) -> None:
    with recorded(tmp_path / "state") as one:
        run = Run(RUN, "run-1", Manifest("m", ()), "running", 1, dir=str(tmp_path))

        request = requests.of_task(one.app, run, begun(None, task=SAID), None)

    for key in ("model", "permission_mode", "max_turns", "mode", "json_schema", "budget_usd", "budget_tokens"):
        assert request.options[key] == SAID[key], key
    assert request.options["scope"] == ["src/**"]
    assert (request.kind, request.given["A"], request.name) == ("claude", "b", "run-1-a")
    assert request.worktree is not None
    assert request.worktree.branch == "topic"
    # The run keeps it: its attempts have it each.
    assert "timeout_s" not in request.options
    assert request.options["run"] == {"id": RUN, "name": "run-1", "key": "a"}


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("its check failed: exit 1: checkout\ncheckout", "its check failed: exit 1\ncheckout"),
        ("exit 1: b\na\nb\n", "exit 1\na\nb\n"),
        ("exit 1: c\na\nb", "exit 1: c\na\nb"),
        ("its turn failed", "its turn failed"),
        ("exit 1\n\n", "exit 1\n\n"),
    ],
)
def test_who_tries_again_is_told_each_line_that_was_printed_once(why: str, told: str) -> None:
    assert filling.again(why) == f"That did not succeed: {told}\n\nMend it, and answer the task again."


def test_a_manifest_in_a_pipe_of_the_shell_is_read_as_one_on_standard_input() -> None:
    reads, writes = os.pipe()
    os.write(writes, b"tasks:\n  a: {command: ls}\n")
    os.close(writes)

    read = manifests.read(f"/dev/fd/{reads}")

    os.close(reads)
    assert ([task.id for task in read.tasks], read.source) == (["a"], "stdin")
    assert str(manifests.folder_of("/dev/stdin")) == os.getcwd()
