"""What cannot be begun is refused before the run, each task with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.runs.recorded import Recorded
from tmuxagents.errors import FolderMissing, ManifestInvalid
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.runs import forking
from tmuxagents.runs.forking import Fork
from tmuxagents.services.runs import fitting, manifests


def test_what_is_asked_of_a_program_is_looked_at_whatever_its_arguments_are_kept_in(one: Recorded) -> None:
    # What is read from a database or typed has lists.
    written = Manifest(
        "m", [Task("a", "", kind="command", args=["true"]), Task("b", "", kind="command", args=("true",))]
    )
    typed = forking.manifest(Fork(["hello"], join="sum {{ join.answers }}", kind="command", args=["true"]))

    for manifest in (written, typed):
        fitting.refuse_unfit(one.app, manifest, str(one.app.state))


def test_every_task_that_cannot_be_begun_is_told_with_its_place(one: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        """tasks:
  fine: {command: "true"}
  away: {command: "true", dir: nowhere}
  scoped: {command: "true", scope: [src]}
  apart: {command: "true", worktree: true}
  branch: {command: "true", worktree: topic}
  other: {kind: command, args: [no-such-program]}
  nobody: {kind: demo, prompt: x, role: nobody}
  print: {kind: demo, prompt: x, mode: print}
  scoped-too: {command: "true", scope: [lib]}
"""
    )

    with pytest.raises(ManifestInvalid) as told:
        fitting.refuse_unfit(one.app, manifests.read(str(path)), str(tmp_path))

    found = [line.removeprefix(f"{path}:") for line in (told.value.message, *told.value.also)]
    assert [line.split(": ")[0] for line in found] == [f"{line}:3" for line in (3, 4, 5, 7, 8, 9)]
    assert found[0] == f"3:3: task 'away': '{tmp_path}/nowhere' does not exist"
    assert found[1].startswith(f"4:3: task 'scoped': a scope holds nothing here: '{tmp_path}' is in no git repository")
    assert found[2] == f"5:3: task 'apart': '{tmp_path}' is in no git repository"
    assert found[3] == "7:3: task 'other': 'no-such-program' is not on the PATH"
    assert found[5] == "9:3: task 'print' is for demo: it has no way without a terminal (--print)"
    assert told.value.hint == f"mkdir -p '{tmp_path}/nowhere'"


def test_what_nobody_wrote_has_no_place(one: Recorded) -> None:
    made = forking.manifest(Fork(["hello"], kind="command", args=["true"]))

    with pytest.raises(FolderMissing):
        fitting.refuse_unfit(one.app, made, "/no/such/folder")
