"""git that nobody asked for runs nothing that stands in a repository: a canary for each thing that could."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.fleet import eventually
from tests.support.repository import repository, run_git
from tmuxagents.drivers import process
from tmuxagents.drivers.git import apart, call, places
from tmuxagents.errors import GitFailed, TimedOut

pytestmark = pytest.mark.slow


CONFIGURED: Mapping[str, Mapping[str, str]] = {
    "fsmonitor": {"core.fsmonitor": "@canary"},
    "hooksPath": {"core.hooksPath": "@hooks"},
    "external diff": {"diff.external": "@canary"},
    "diff driver": {"diff.strange.command": "@canary"},
    "textconv": {"diff.strange.textconv": "@canary"},
    "clean filter": {"filter.strange.clean": "@canary"},
    "smudge filter": {"filter.strange.smudge": "@canary"},
    "filter process": {"filter.strange.process": "@canary"},
    "merge driver": {"merge.strange.driver": "@canary"},
    "pager": {"core.pager": "@canary", "pager.status": "true", "pager.for-each-ref": "true"},
    "signature": {"log.showSignature": "true", "commit.gpgSign": "true", "gpg.program": "@canary"},
    "lazy fetch": {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": "file:///",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": "@canary",
    },
    "credential helper": {"credential.helper": "!@canary"},
}


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that leaves a file beside it, as a hook of every name too."""
    program = tmp_path / "canary"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-index-change", "post-checkout", "pre-commit", "pre-auto-gc"):
        (hooks / name).symlink_to(program)
    return program


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with a changed file, whose attributes name everything that can be configured."""
    folder = repository(tmp_path / "work")
    (folder / ".gitattributes").write_text("* filter=strange diff=strange merge=strange\n")
    (folder / "file").write_text("one\n")
    run_git(folder, "add", ".")
    run_git(folder, "commit", "-q", "-m", "second")
    run_git(folder, "branch", "other")
    (folder / "file").write_text("two\n")
    run_git(folder, "commit", "-q", "-a", "-m", "third")
    run_git(folder, "checkout", "-q", "other")
    (folder / "file").write_text("elsewhere\n")
    run_git(folder, "commit", "-q", "-a", "-m", "fourth")
    (folder / "file").write_text("more\n")
    return folder


def configure(work: Path, canary: Path, settings: Mapping[str, str]) -> None:
    for key, value in settings.items():
        told = value.replace("@canary", str(canary)).replace("@hooks", str(canary.parent / "hooks"))
        run_git(work, "config", key, told)


def everything(work: Path) -> None:
    """What is asked of a repository without anybody having typed it."""
    found = places.of(str(work))
    assert found is not None
    assert found.head is not None
    call.unasked(str(work), "rev-list", "HEAD", "--not", "main")
    call.unasked(str(work), "for-each-ref")
    call.unasked(str(work), "worktree", "list", "--porcelain", "-z")
    call.unasked(str(work), "update-ref", "refs/tmuxagents/trash/x", found.head)
    call.unasked(str(work), "cat-file", "-e", "1" * 40, good=(0, 1, 128))
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    call.unasked(str(work), "commit-tree", "-m", "x", f"{found.head}^{{tree}}", env=who)
    with apart.opened(found) as git:
        git.run("status", "--porcelain=v2", "-z", "--ignore-submodules=all")
        git.run("diff", "HEAD")
        git.run("log", "-p", "-1")
        git.run("cat-file", "-e", "1" * 40, good=(0, 1, 128))
    with apart.opened(found, exact=True) as git:
        git.run("add", "-A", index=os.path.join(git.git_dir, "fresh"))
        git.run("write-tree", index=os.path.join(git.git_dir, "fresh"))
        git.run("read-tree", "-m", "-u", "HEAD")
    main = call.unasked(str(work), "rev-parse", "main").decode().strip()
    with apart.opened(found, scratch=True) as git:
        git.run("merge-tree", "--write-tree", found.head, main, good=(0, 1))


@pytest.mark.parametrize("thing", CONFIGURED)
def test_unasked_runs_nothing_that_is_configured(work: Path, canary: Path, thing: str) -> None:
    configure(work, canary, CONFIGURED[thing])

    everything(work)

    assert not (canary.parent / "ran").exists()


ASKED: Mapping[str, Sequence[Sequence[str]]] = {
    "fsmonitor": [["status"]],
    "hooksPath": [["update-ref", "refs/heads/new", "HEAD"]],
    "external diff": [["diff"]],
    "diff driver": [["diff"]],
    "textconv": [["diff"]],
    "clean filter": [["add", "file"]],
    "smudge filter": [["checkout", "-f", "main"]],
    "filter process": [["add", "file"]],
    "merge driver": [["merge-tree", "--write-tree", "HEAD", "main"]],
    "lazy fetch": [["cat-file", "-e", "1" * 40]],
}


@pytest.mark.parametrize("thing", ASKED)
def test_asked_runs_what_the_users_git_would(work: Path, canary: Path, thing: str) -> None:
    configure(work, canary, CONFIGURED[thing])

    for words in ASKED[thing]:
        call.asked(str(work), *words, good=range(256))

    assert (canary.parent / "ran").exists()


def test_unasked_refuses_what_reads_a_work_tree(work: Path) -> None:
    for words in (["status"], ["diff"], ["worktree", "remove", "x"], ["worktree", "add", "x"]):
        with pytest.raises(AssertionError):
            call.unasked(str(work), *words)


def test_variables_of_a_hook_lead_neither_elsewhere(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no" / "index"))

    assert call.asked(str(work), "branch", "--show-current") == b"other\n"
    found = places.of(str(work))
    assert found is not None
    assert (found.branch, found.top) == ("other", str(work))


def test_a_git_that_does_not_answer_is_ended_with_what_it_started(work: Path, tmp_path: Path) -> None:
    run_git(work, "config", "alias.hang", f"!echo $$ > {tmp_path}/pid; exec sleep 1000")

    with pytest.raises(TimedOut, match="git did not answer within 2 s"):
        call.run(["-C", str(work), "hang"], call.bare_environment(), within=2)

    pid = int((tmp_path / "pid").read_text())
    eventually(lambda: process.known(pid) is None)


def test_a_repository_of_somebody_else_is_told_in_one_line(work: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    subprocess.run(["chown", "-R", "1234", str(work)], check=True)

    with pytest.raises(GitFailed) as told:
        places.of(str(work))

    assert told.value.message == f"git does not trust '{work}': it belongs to another user"
    assert told.value.hint == f"git config --global --add safe.directory '{work}'"


def test_outside_of_git_there_is_no_checkout(tmp_path: Path) -> None:
    assert places.of(str(tmp_path)) is None


def test_a_file_that_was_changed_in_the_same_tick_is_seen_as_changed(work: Path) -> None:
    run_git(work, "add", ".")
    run_git(work, "commit", "-q", "-m", "fifth")
    index, file = work / ".git" / "index", work / "file"
    before = os.stat(file)
    file.write_text("MORE\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    # As it is when the index was written in the tick in which the file was.
    os.utime(index, ns=(before.st_mtime_ns, before.st_mtime_ns))
    found = places.of(str(work))
    assert found is not None

    run_git(work, "config", "core.trustctime", "false")
    with apart.opened(found) as git:
        assert b"file" in git.run("status", "--porcelain", "-z")
