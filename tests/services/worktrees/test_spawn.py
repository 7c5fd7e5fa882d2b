"""`spawn -w`: an agent in a worktree of its own, or one clear refusal with nothing left behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import ENDS, PROGRAM, git, spawned
from tests.support import lfs
from tests.support.fleet import Fleet, eventually


def left_behind(fleet: Fleet) -> list[str]:
    """Branches, worktrees, folders and agents that are there besides the main checkout."""
    branches = git(fleet.work, "for-each-ref", "--format=%(refname)").split("\n")
    trees = git(fleet.work, "worktree", "list", "--porcelain").split("\n\n")
    beside = sorted(path.name for path in fleet.root.glob("*.worktrees/*"))
    agents = [agent["name"] for agent in fleet.agents()]
    kept = sorted(path.name for path in (fleet.state / "trash").glob("*"))
    return [*branches, *trees[1:], *beside, *agents, *kept]


def test_an_agent_has_a_branch_and_a_folder_of_its_own(fleet: Fleet) -> None:
    ran = fleet.ok("spawn", "-w", "--kind", "demo", "--name", "api", "say: hello")

    assert ran.out == "Spawned api: say: hello\n"
    agent = fleet.wait_state("api", "idle")
    head = git(fleet.work, "rev-parse", "HEAD")
    path = f"{fleet.work}.worktrees/api"
    assert agent["worktree"] == {
        "repository": f"{fleet.work}/.git",
        "path": path,
        "branch": "tmuxagents/api",
        "base": head,
        "own": True,
        "own_branch": True,
        "into": "main",
        "landed": None,
    }
    assert (agent["dir"], agent["branch"]) == (path, "tmuxagents/api")
    assert f"{path} on tmuxagents/api, begun at {head[:8]}" in fleet.ok("show", "api").out.replace("\n" + " " * 14, " ")
    [tree] = [block for block in git(fleet.work, "worktree", "list", "--porcelain").split("\n\n") if path in block]
    assert "locked tmuxagents: the agent api works here" in tree
    assert fleet.ok("ls").out.count("tmuxagents/api") == 1


def test_from_a_folder_below_it_starts_in_the_same_folder(fleet: Fleet) -> None:
    fleet.ok("spawn", "-w", "-C", "below", "--kind", "command", "--name", "api", "--", "sh", "-c", "pwd; ls")

    assert fleet.wait_state("api", "ended")["dir"] == f"{fleet.work}.worktrees/api/below"
    assert fleet.printed("api") == [f"{fleet.work}.worktrees/api/below", "deep"]


def test_from_another_worktree_it_begins_with_what_that_one_has(fleet: Fleet) -> None:
    git(fleet.work, "worktree", "add", "-q", "-b", "mine", "../mine")
    git(fleet.root / "mine", "commit", "-q", "--allow-empty", "-m", "further")

    path = spawned(fleet, "-C", "../mine")

    assert path == Path(f"{fleet.work}.worktrees/api")
    assert git(path, "rev-parse", "HEAD") == git(fleet.root / "mine", "rev-parse", "HEAD")


def test_from_a_bare_repository_it_is_beside_it(fleet: Fleet) -> None:
    git(fleet.root, "clone", "-q", "--bare", str(fleet.work), "store.git")

    path = spawned(fleet, "-C", "../store.git")

    assert path == fleet.root / "store.worktrees" / "api"
    assert (path / "below" / "deep").read_text() == "deep\n"
    fleet.ok("rm", "api")
    assert not path.exists()


def test_of_a_submodule_it_is_beside_the_outermost_repository(fleet: Fleet) -> None:
    git(fleet.root, "init", "-q", "outer")
    git(fleet.root / "outer", "submodule", "add", "-q", str(fleet.work), "deep/mod")

    tree = spawned(fleet, "-C", "../outer/deep/mod")
    git(tree, "commit", "-q", "--allow-empty", "-m", "more")
    fleet.ok("spawn", "-w", "--kind", "command", "--name", "two", "-C", str(tree), *PROGRAM)

    assert tree == fleet.root / "mod.worktrees" / "api"
    assert fleet.agent("two")["worktree"]["path"] == str(fleet.root / "mod.worktrees" / "two")
    assert git(fleet.root / "outer", "ls-files", "--others") == ""


def test_where_another_repository_would_take_it_that_is_said(fleet: Fleet) -> None:
    git(fleet.root, "init", "-q")

    ran = fleet.ok("spawn", "-w", *ENDS, *PROGRAM)

    place = f"{fleet.work}.worktrees"
    assert f"tmuxagents: the worktrees are in '{place}', and are untracked in '{fleet.root}'\n" in ran.err
    (fleet.root / ".gitignore").write_text("*.worktrees\n")
    assert "untracked" not in fleet.ok("spawn", "-w", "--kind", "command", "--name", "two", *PROGRAM).err


def test_a_shallow_clone_is_as_good_as_a_whole_one(fleet: Fleet) -> None:
    git(fleet.work, "commit", "-q", "--allow-empty", "-m", "second")
    git(fleet.root, "clone", "-q", "--depth", "1", f"file://{fleet.work}", "shallow")

    path = spawned(fleet, "-C", "../shallow")
    fleet.ok("rm", "api")

    assert not path.exists()


def test_the_branch_of_ones_own_is_used_and_never_removed(fleet: Fleet) -> None:
    git(fleet.work, "branch", "mine")
    fleet.ok("spawn", "--worktree=mine", *ENDS, *PROGRAM)
    agent = fleet.wait_state("api", "ended")
    assert (agent["branch"], agent["worktree"]["own_branch"]) == ("mine", False)

    fleet.ok("rm", "api")

    assert "mine" in git(fleet.work, "branch", "--list", "mine")
    assert not Path(agent["worktree"]["path"]).exists()


def test_a_branch_that_only_a_remote_has_is_made_from_it_and_follows_it(fleet: Fleet) -> None:
    git(fleet.root, "clone", "-q", "--bare", str(fleet.work), "far")
    git(fleet.work, "commit", "-q", "--allow-empty", "-m", "theirs")
    git(fleet.work, "push", "-q", str(fleet.root / "far"), "HEAD:feat")
    theirs = git(fleet.work, "rev-parse", "HEAD")
    git(fleet.work, "reset", "-q", "--hard", "HEAD~1")
    git(fleet.work, "remote", "add", "-f", "origin", str(fleet.root / "far"))

    tree = spawned(fleet, "--worktree=feat")

    assert git(tree, "rev-parse", "HEAD") == theirs
    assert git(tree, "rev-parse", "--abbrev-ref", "@{upstream}") == "origin/feat"
    assert fleet.agent("api")["worktree"]["base"] == theirs


def test_a_word_behind_w_is_the_task(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "api", "-w", "say: hello")

    assert fleet.wait_state("api", "idle")["task"] == "say: hello"


def test_base_is_what_it_begins_with(fleet: Fleet) -> None:
    first = git(fleet.work, "rev-parse", "HEAD")
    git(fleet.work, "commit", "-q", "--allow-empty", "-m", "second")

    path = spawned(fleet, "--base", "HEAD~1")

    assert git(path, "rev-parse", "HEAD") == first


def test_each_of_several_has_its_own(fleet: Fleet) -> None:
    fleet.ok("spawn", "-w", "--count", "2", "--kind", "command", "--", "true")

    eventually(lambda: [agent["state"] for agent in fleet.agents()] == ["ended"] * 2)
    assert sorted(agent["branch"] for agent in fleet.agents()) == ["tmuxagents/agent-1", "tmuxagents/agent-2"]


def test_what_has_that_name_already_is_left_alone(fleet: Fleet) -> None:
    git(fleet.work, "branch", "tmuxagents/api")
    (fleet.root / "work.worktrees" / "api-2").mkdir(parents=True)

    path = spawned(fleet)

    assert path.name == "api-3"
    assert fleet.agent("api")["branch"] == "tmuxagents/api-3"


def test_what_is_in_the_trash_keeps_its_name_and_comes_back_to_it(fleet: Fleet) -> None:
    first = spawned(fleet)
    (first / "new").write_text("first")
    fleet.ok("rm", "--trash", "api")

    second = spawned(fleet)

    assert (second.name, fleet.agent("api")["branch"]) == ("api-2", "tmuxagents/api-2")
    fleet.ok("rename", "api", "other")
    fleet.ok("restore", "api")
    assert (first / "new").read_text() == "first"
    assert fleet.agent("api")["branch"] == "tmuxagents/api"


def test_each_task_of_a_file_has_its_own(fleet: Fleet) -> None:
    (fleet.work / "tasks").write_text("say: one\nsay: two\n")

    fleet.ok("spawn", "-w", "--each", "tasks", "--kind", "demo", "--", "--speed", "0")

    agents = eventually(lambda: [one for one in fleet.agents() if one["turns"] == 1][1:] and fleet.agents())
    assert sorted((one["task"], one["branch"]) for one in agents) == [
        ("say: one", "tmuxagents/agent-1"),
        ("say: two", "tmuxagents/agent-2"),
    ]
    assert len({one["worktree"]["path"] for one in agents}) == 2


def test_it_is_found_by_its_branch_and_by_its_folder_also_when_it_is_removed(fleet: Fleet) -> None:
    path = spawned(fleet)
    told = f"  Spawned api: true (tmuxagents/api in {path})"

    for text in ("tmuxagents/api", "api", str(path), "worktrees/api"):
        assert told in fleet.ok("search", text).out.splitlines()
    assert told not in fleet("search", "tmuxagents").out.splitlines()
    fleet.ok("rm", "api")
    assert f"(tmuxagents/api in {path})" in fleet.ok("search", "tmuxagents/api").out


def test_large_files_are_as_git_lfs_has_them(fleet: Fleet) -> None:
    lfs.install(fleet.work, fleet.root / "lfs", "*.large")
    (fleet.work / "some.large").write_bytes(b"large" * 1000)
    git(fleet.work, "add", ".")
    git(fleet.work, "commit", "-q", "-m", "large")

    path = spawned(fleet)

    assert (path / "some.large").read_bytes() == b"large" * 1000
    assert git(path, "cat-file", "blob", "HEAD:some.large").startswith("version fake ")
    (found,) = fleet.ok("diff", "--json").json["agents"]
    assert (found["files"], found["uncommitted"], found["merges"]) == ([], [], True)


def test_a_sparse_checkout_stays_sparse(fleet: Fleet) -> None:
    git(fleet.work, "sparse-checkout", "set", "--cone", "nowhere")

    path = spawned(fleet)

    assert not (path / "below").exists()
    (found,) = fleet.ok("diff", "--json").json["agents"]
    assert (found["files"], found["uncommitted"]) == ([], [])


def test_where_the_configuration_says(fleet: Fleet) -> None:
    fleet.ok("config", "set", "worktree_dir", str(fleet.root / "trees"))

    assert spawned(fleet) == fleet.root / "trees" / "work" / "api"


REFUSED = {
    "checked out": (["--worktree=main"], 1, "'main' is checked out in"),
    "beside a folder": (["--worktree=fix/a"], 1, "there cannot be a branch 'fix/a' beside 'fix'"),
    "folder beside": (["--worktree=deep"], 1, "there cannot be a branch 'deep' beside 'deep/er'"),
    "no name": (["--worktree=a..b"], 2, "'a..b' is not the name of a branch"),
    "an option": (["--worktree=-x"], 2, "'-x' is not the name of a branch"),
    "no base": (["-w", "--base", "nowhere"], 2, "--base 'nowhere' is no commit in"),
    "an option as base": (["-w", "--base", "--all"], 2, "--base '--all' is no commit in"),
    "a tag": (["--worktree=v1"], 2, "'v1' is a tag; -w --base begins a new branch there"),
    "a remote's": (["--worktree=ours/topic"], 2, "is a branch of a remote; --worktree=topic takes it"),
    "a remote": (["--worktree=ours"], 2, "'ours' is 'refs/remotes/ours/HEAD' to git"),
    "several remotes": (["--worktree=topic"], 1, "several remotes have a branch 'topic': ours, theirs"),
    "base alone": (["--base", "HEAD"], 2, "--base is for -w"),
    "no repository": (["-w", "-C", "/"], 1, "'/' is in no git repository"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_in_one_line_with_nothing_left_behind(fleet: Fleet, what: str) -> None:
    git(fleet.work, "branch", "fix")
    git(fleet.work, "branch", "deep/er")
    git(fleet.work, "tag", "v1")
    for name in ("ours", "theirs"):
        git(fleet.work, "config", f"remote.{name}.fetch", f"+refs/heads/*:refs/remotes/{name}/*")
        git(fleet.work, "update-ref", f"refs/remotes/{name}/topic", "HEAD")
    git(fleet.work, "symbolic-ref", "refs/remotes/ours/HEAD", "refs/remotes/ours/topic")
    before = left_behind(fleet)
    words, code, said = REFUSED[what]

    ran = fleet("spawn", *words, *ENDS, *PROGRAM)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert left_behind(fleet) == before


def test_without_a_commit_there_is_nothing_to_begin_with(fleet: Fleet) -> None:
    git(fleet.root, "init", "-q", "empty")

    ran = fleet("spawn", "-w", "-C", "../empty", *ENDS, *PROGRAM)

    assert (ran.code, ran.out) == (1, "")
    assert "/empty' has no commit to begin with\nhint: git -C" in ran.err


@pytest.mark.parametrize("why", ["hook", "filter"])
def test_a_checkout_that_fails_leaves_nothing_behind(fleet: Fleet, why: str) -> None:
    if why == "hook":
        hook = fleet.work / ".git" / "hooks" / "post-checkout"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    else:
        (fleet.work / ".git" / "info" / "attributes").write_text("file filter=strange\n")
        git(fleet.work, "config", "filter.strange.smudge", "false")
        git(fleet.work, "config", "filter.strange.required", "true")
    before = left_behind(fleet)

    ran = fleet("spawn", "-w", *ENDS, *PROGRAM)

    assert (ran.code, ran.out) == (1, "")
    said = {"hook": "the hook post-checkout failed in '", "filter": "git refused: external filter 'false' failed"}
    assert ran.err.startswith(f"tmuxagents: {said[why]}")
    assert len(ran.err.splitlines()) == 1
    assert left_behind(fleet) == before


def test_a_repository_of_another_user_is_refused_as_git_does(fleet: Fleet) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    subprocess.run(["chown", "-R", "1234", str(fleet.work)], check=True)

    ran = fleet("spawn", "-w", *ENDS, *PROGRAM)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"tmuxagents: git does not trust '{fleet.work}': it belongs to another user\n"
        f"hint: git config --global --add safe.directory '{fleet.work}'\n"
    )


def test_a_program_that_is_missing_leaves_nothing_behind(fleet: Fleet) -> None:
    before = left_behind(fleet)

    ran = fleet("spawn", "-w", *ENDS, "--", "no-such-program")

    assert ran.code == 1
    assert left_behind(fleet) == before


def test_of_two_of_one_name_one_wins_and_the_other_says_so(fleet: Fleet) -> None:
    both = [fleet.start("spawn", "-w", *ENDS, *PROGRAM) for _ in range(2)]
    ended = sorted((process.wait(), *process.communicate()) for process in both)

    assert [code for code, _, _ in ended] == [0, 1]
    assert "'api' is taken by an agent" in ended[1][2]
    assert os.listdir(fleet.root / "work.worktrees") == ["api"]


def test_a_crowd_at_once_has_one_each(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "-C", "/", *PROGRAM)
    crowd = [fleet.start("spawn", "-w", "--kind", "command", "--name", f"n{number}", *PROGRAM) for number in range(6)]
    ended = [(process.communicate(), process.returncode) for process in crowd]

    assert [code for _, code in ended] == [0] * 6, ended
    assert sorted(os.listdir(fleet.root / "work.worktrees")) == [f"n{number}" for number in range(6)]


def test_it_waits_for_a_worktree_that_another_git_is_making(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "-C", "/", *PROGRAM)
    half = fleet.work / ".git" / "worktrees" / "half"
    half.mkdir(parents=True)
    (half / "gitdir").write_text(f"{fleet.root}/half/.git\n")
    (half / "commondir").touch()
    listed = subprocess.run(["git", "-C", fleet.work, "worktree", "list"], capture_output=True, check=False)
    assert listed.returncode == 128

    traced = fleet.root / "trace"
    spawning = fleet.start("spawn", "-w", *ENDS, *PROGRAM, env={"GIT_TRACE": str(traced)})
    eventually(lambda: spawning.poll() or (traced.exists() and traced.read_text().count("git worktree add") > 1))
    (half / "commondir").write_text("../..\n")

    assert (spawning.communicate()[1], spawning.returncode) == ("", 0)
    assert os.listdir(fleet.root / "work.worktrees") == ["api"]


def test_two_fleets_in_one_repository_have_one_branch_each(fleet: Fleet) -> None:
    spawned(fleet)

    other = fleet("--state-dir", str(fleet.root / "other"), "spawn", "-w", *ENDS, *PROGRAM)

    assert other.code == 0, other.err
    assert "tmuxagents/api-2" in git(fleet.work, "branch", "--list", "tmuxagents/*")
    fleet("--state-dir", str(fleet.root / "other"), "controller", "stop")
    socket = (fleet.root / "other" / "socket").read_text().strip()
    os.system(f"tmux -N -S '{socket}' kill-server")  # noqa: S605 - a fleet of this test alone


def test_several_in_one_checkout_are_told_of_worktrees(fleet: Fleet) -> None:
    assert fleet.ok("spawn", "--kind", "demo", "--name", "one").err == ""

    told = fleet.ok("spawn", "--kind", "demo", "--name", "two", "-C", "below").err
    apart = fleet.ok("spawn", "-w", "--kind", "demo", "--name", "three").err

    assert told == (
        "tmuxagents: one and two work in one checkout; -w gives each its own\nhint: tmuxagents help worktrees\n"
    )
    assert apart == ""
