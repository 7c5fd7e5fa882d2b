"""What a repository holds is not run, and cannot hold us up."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fleet import Fleet, eventually
from tmuxagents.drivers.git import checkout

FAST = ["--", "--speed", "0"]
AS_SOMEBODY = ["-c", "user.name=n", "-c", "user.email=e", "-c", "protocol.file.allow=always"]


def run_git(folder: Path, *args: str) -> None:
    subprocess.run(["git", "-C", str(folder), *AS_SOMEBODY, *args], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a commit on `main`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "-q", "-b", "main")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


# Programs that a repository names


def status_line(repository: Path, canary: Path) -> None:
    """Settings that would run a program as soon as a status line is drawn."""
    for name in ("settings.json", "settings.local.json"):
        path = repository / ".claude" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        line = {"type": "command", "command": f"touch {shlex.quote(str(canary))}"}
        path.write_text(json.dumps({"statusLine": line}))


@pytest.mark.claude
def test_a_repositorys_status_line_is_run_neither_before_nor_after_its_folder_is_trusted(claude: Fleet) -> None:
    unknown, canary = claude.root / "unknown", claude.root / "canary"
    status_line(unknown, canary)

    claude.ok("spawn", "say: hello", "-C", str(unknown))
    claude.wait_for("agent-1", lambda a: a["needs"] == "trust")
    assert not canary.exists()
    claude.ok("approve", "agent-1")
    claude.wait_for("agent-1", lambda a: a["turns"] == 1)

    # The cost comes with the status line: it has been drawn.
    eventually(lambda: claude.agent("agent-1")["usage"]["cost_usd"] is not None)
    assert not canary.exists()


@pytest.mark.soak
@pytest.mark.claude
def test_the_users_own_status_line_is_run_and_shown(claude: Fleet) -> None:
    (claude.home / ".claude").mkdir()
    line = {"type": "command", "command": "echo 'my own line'"}
    (claude.home / ".claude" / "settings.json").write_text(json.dumps({"statusLine": line}))

    claude.ok("spawn", "say: hello")

    eventually(lambda: "my own line" in claude.screen("agent-1"))


def test_nothing_that_lies_in_a_repository_is_run_or_read_as_ours(fleet: Fleet) -> None:
    canary = fleet.root / "canary"
    touch = f"open({str(canary)!r}, 'w')\n"
    for name in ("sitecustomize", "usercustomize", "click", "libtmux", "psutil", "json"):
        (fleet.work / f"{name}.py").write_text(touch)
    (fleet.work / "tmuxagents").mkdir()
    (fleet.work / "tmuxagents" / "__init__.py").write_text(touch)
    for name in (".tmux.conf", "tmux.conf"):
        (fleet.work / name).write_text(f"run-shell 'touch {canary}'\n")
    for name in ("config.toml", "tmuxagents.toml", ".tmuxagents.toml"):
        (fleet.work / name).write_text('kind = "command"\nno-such-setting = 1\n')
    for name in (".env", ".envrc", ".profile", ".shrc", ".bashrc"):
        (fleet.work / name).write_text(f"touch {canary}\n")
    for name in ("tmux", "sh", "cat", "git", "stty"):
        program = fleet.work / name
        program.write_text(f"#!/bin/sh\ntouch {canary}\n")
        program.chmod(0o755)

    fleet.ok("spawn", "--kind", "demo", "say: hello", *FAST)
    fleet.wait_for("agent-1", lambda a: a["turns"] == 1)
    eventually(lambda: fleet("controller", "status").code == 0)
    fleet.ok("ls")
    fleet.ok("show", "agent-1")
    fleet("doctor")

    assert not canary.exists()


def test_git_is_not_run_so_that_its_configuration_runs_nothing(fleet: Fleet) -> None:
    canary = fleet.root / "canary"
    hook = fleet.root / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
    hook.chmod(0o755)
    run_git(fleet.work, "init", "-q", "-b", "feature")
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external"):
        run_git(fleet.work, "config", key, str(hook))

    fleet.ok("spawn", "--kind", "demo", "say: hello", *FAST)
    fleet.wait_for("agent-1", lambda a: a["turns"] == 1)

    assert fleet.agent("agent-1")["branch"] == "feature"
    assert "feature" in fleet.ok("ls").out
    assert "feature" in fleet.ok("show", "agent-1").out
    assert not canary.exists()


# git's own files


def test_the_branch_is_gits(repository: Path) -> None:
    (repository / "below").mkdir()
    assert checkout.branch(str(repository / "below")) == "main"

    run_git(repository, "checkout", "-q", "-b", "feature/with-a-slash")
    assert checkout.branch(str(repository)) == "feature/with-a-slash"

    run_git(repository, "checkout", "-q", "--detach")
    assert len(checkout.branch(str(repository)) or "") == 8


def test_the_branch_of_a_worktree_and_of_a_submodule_are_their_own(repository: Path, tmp_path: Path) -> None:
    run_git(repository, "worktree", "add", "-q", "-b", "beside", str(tmp_path / "tree"))
    run_git(repository, "submodule", "add", "-q", str(repository), "sub")
    run_git(repository / "sub", "checkout", "-q", "-b", "within")

    assert checkout.branch(str(tmp_path / "tree")) == "beside"
    # Its `.git` points to `../.git/modules/sub`, from where it lies and not from where we are.
    assert checkout.branch(str(repository / "sub")) == "within"
    assert checkout.branch(str(repository)) == "main"


def test_there_is_none_outside_of_git(tmp_path: Path) -> None:
    assert checkout.branch(str(tmp_path)) is None


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder for a `.git` that git did not write; what it may not lead to lies beside it."""
    (tmp_path / "secret").write_text("-----BEGIN PRIVATE KEY-----\n")
    folder = tmp_path / "hostile"
    folder.mkdir()
    return folder


def test_a_fifo_holds_nobody(hostile: Path) -> None:
    os.mkfifo(hostile / ".git")
    assert checkout.branch(str(hostile)) is None

    (hostile / ".git").unlink()
    (hostile / ".git").mkdir()
    os.mkfifo(hostile / ".git" / "HEAD")
    assert checkout.branch(str(hostile)) is None

    (hostile / "sub").mkdir()
    (hostile / "sub" / ".git").write_text("gitdir: ../.git\n")
    assert checkout.branch(str(hostile / "sub")) is None


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty", "/dev/stdin", "/dev/full"])
def test_a_device_is_not_opened(hostile: Path, device: str) -> None:
    (hostile / ".git").symlink_to(device)
    assert checkout.branch(str(hostile)) is None

    (hostile / ".git").unlink()
    (hostile / ".git").mkdir()
    (hostile / ".git" / "HEAD").symlink_to(device)
    assert checkout.branch(str(hostile)) is None


def test_of_a_file_of_any_size_only_the_start_is_read(hostile: Path) -> None:
    (hostile / ".git").mkdir()
    with open(hostile / ".git" / "HEAD", "wb") as file:
        file.write(b"ref: refs/heads/main")
        file.truncate(1 << 40)

    assert len(checkout.branch(str(hostile)) or "") < 5000


def test_what_is_no_branch_and_no_commit_is_not_shown(hostile: Path) -> None:
    (hostile / ".git").mkdir()
    (hostile / ".git" / "HEAD").symlink_to("../../secret")
    assert checkout.branch(str(hostile)) is None

    (hostile / ".git" / "HEAD").unlink()
    (hostile / ".git").rmdir()
    (hostile / ".git").symlink_to("../secret")
    assert checkout.branch(str(hostile)) is None


def test_a_circle_ends(hostile: Path) -> None:
    (hostile / ".git").symlink_to(".git")
    assert checkout.branch(str(hostile)) is None

    (hostile / ".git").unlink()
    (hostile / ".git").write_text(f"gitdir: {hostile}\n")
    (hostile / "HEAD").symlink_to(".git")
    assert checkout.branch(str(hostile)) is None


@given(raw=st.binary(max_size=80), start=st.sampled_from([b"", b"gitdir: ", b"ref: refs/heads/", b"gitdir: ."]))
def test_any_bytes_where_git_keeps_its_files_raise_nothing(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, start: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / ".git").write_bytes(start + raw)
    (folder / "HEAD").write_bytes(start + raw)

    checkout.branch(str(folder))


def test_a_head_that_is_no_text_does_not_keep_ls_from_answering(fleet: Fleet) -> None:
    (fleet.work / ".git").mkdir()
    (fleet.work / ".git" / "HEAD").write_bytes(b"ref: refs/heads/\xff\xfe\x1b]0;title\x07\n")
    fleet.ok("spawn", "--kind", "command", "--", "true")
    fleet.wait_state("agent-1", "ended")

    for words in (("ls",), ("show", "agent-1")):
        assert "\x1b" not in fleet.ok(*words).out
