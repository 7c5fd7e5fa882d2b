"""Links that lead nowhere, or in a ring, are told for what they are."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tmuxagents.errors import FolderMissing, ManifestInvalid, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.services.lifecycle import launch, trust
from tmuxagents.services.runs import manifests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "nowhere").symlink_to("gone")
    return tmp_path


def runs(hint: str | None) -> bool:
    return hint is not None and subprocess.run(shlex.split(hint), capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", ["one", "nowhere", "one/below", "nowhere/below"])
def test_a_link_is_no_folder_to_be_made(folder: Path, name: str) -> None:
    with pytest.raises(FolderMissing) as told:
        launch.check_folder(str(folder / name))

    assert told.value.message.endswith("does not exist" if "/" in name else "is a link that leads nowhere")
    assert runs(told.value.hint)


@pytest.mark.parametrize("name", ["one", "nowhere", "one/m.yaml"])
def test_a_manifest_behind_one_cannot_be_read(folder: Path, name: str) -> None:
    with pytest.raises(ManifestInvalid, match="cannot read") as told:
        manifests.read(str(folder / name))

    assert runs(told.value.hint)
    assert manifests.folder_of(str(folder / name)).is_absolute()


def test_a_configuration_in_a_ring_of_links_is_left_as_it_is(folder: Path) -> None:
    (folder / ".claude.json").symlink_to("one")

    with pytest.raises(TmuxagentsError):
        trust.grant(registry.kind("claude"), folder, {"CLAUDE_CONFIG_DIR": str(folder)})

    assert (folder / ".claude.json").is_symlink()
