"""Which repository a folder is in, read from git's own files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tmuxagents.drivers.git import checkout

pytestmark = pytest.mark.slow


def run(folder: Path, *args: str) -> None:
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **who}
    subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, env=env)


@pytest.fixture
def main(tmp_path: Path) -> Path:
    folder = tmp_path / "main"
    folder.mkdir()
    run(folder, "init", "-q")
    run(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return folder


def test_every_worktree_and_every_folder_below_is_of_the_main_repository(main: Path, tmp_path: Path) -> None:
    (main / "docs" / "deep").mkdir(parents=True)
    run(main, "worktree", "add", "-q", str(tmp_path / "beside"))
    run(main, "worktree", "add", "-q", str(main / ".trees" / "inside"))
    (tmp_path / "link").symlink_to(tmp_path / "beside")

    places = [main, main / "docs" / "deep", tmp_path / "beside", main / ".trees" / "inside", tmp_path / "link"]

    assert {checkout.repository(str(place)) for place in places} == {str((main / ".git").resolve())}


def test_a_repository_in_another_and_a_submodule_are_their_own(main: Path, tmp_path: Path) -> None:
    run(main, "init", "-q", "vendored")
    run(tmp_path, "clone", "-q", str(main), str(tmp_path / "other"))
    run(main, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), "sub")

    found = {checkout.repository(str(place)) for place in (main, main / "vendored", main / "sub", tmp_path / "other")}

    assert None not in found
    assert len(found) == 4


def test_outside_of_git_and_where_a_folder_is_gone_there_is_none(tmp_path: Path) -> None:
    assert checkout.repository(str(tmp_path)) is None
    assert checkout.repository(str(tmp_path / "no" / "such")) is None


def test_a_worktree_that_is_gone_from_inside_the_repository_is_still_of_it(main: Path) -> None:
    assert checkout.repository(str(main / ".trees" / "gone")) == str((main / ".git").resolve())


@pytest.mark.parametrize("text", ["gitdir: /no/such", "nonsense", "gitdir: " + "a" * 5000, "gitdir: \0", ""])
def test_a_pointer_that_leads_nowhere_is_no_repository(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text)

    assert checkout.repository(str(tmp_path)) is None
