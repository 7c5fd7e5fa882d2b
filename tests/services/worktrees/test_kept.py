"""What is recorded of a worktree outlives a damaged database; a full disk and another disk lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import everything, git, git_state, spawned
from tests.services.worktrees.test_losing import dirty, untracked
from tests.support import small_disk
from tests.support.fleet import Fleet
from tests.survival.test_damage import head
from tests.survival.test_disk_full import fill, make_room


def test_a_rebuild_keeps_what_worktree_an_agent_has(fleet: Fleet) -> None:
    spawned(fleet)
    before = fleet.agent("api")["worktree"]
    fleet.ok("controller", "stop")
    head(fleet)

    rebuilt = fleet("ls", "--json")

    assert rebuilt.json["agents"][0]["worktree"] == before
    assert "rebuilt" in rebuilt.err
    fleet.ok("rm", "api")
    assert not Path(before["path"]).exists()


@pytest.fixture
def small(fleet: Fleet) -> Iterator[Fleet]:
    """A fleet whose state is on a small disk of its own."""
    with small_disk.mounted(fleet) as made:
        yield made


def test_where_the_state_is_on_another_disk_nothing_is_copied(small: Fleet) -> None:
    tree = spawned(small)
    dirty(tree)
    untracked(tree)
    files, state, node = everything(tree), git_state(tree), tree.stat().st_ino

    ident = small.ok("rm", "--trash", "--json", "api").json["trash"][0]["id"]

    assert not tree.exists()
    assert (tree.parent / f".tmuxagents-trash-{ident}").stat().st_ino == node
    small.ok("restore", "api")
    assert (everything(tree), git_state(tree), tree.stat().st_ino) == (files, state, node)


def test_on_a_full_disk_nothing_is_taken_away(small: Fleet) -> None:
    tree = spawned(small)
    dirty(tree)
    files, state = everything(tree), git_state(tree)
    fill(small)

    ran = small("rm", "--trash", "api")
    begun = small("spawn", "-w", "--kind", "command", "--name", "two", "--", "true")

    assert (ran.code, begun.code) == (1, 1)
    assert "no space is left" in ran.err
    assert (everything(tree), git_state(tree)[:4]) == (files, state[:4])
    assert git(small.work, "branch", "--list", "tmuxagents/two") == ""
    make_room(small)
    small.ok("rm", "--trash", "api")
    small.ok("restore", "api")
    assert everything(tree) == files


def test_where_the_repository_has_no_room_nothing_is_taken_away(small: Fleet) -> None:
    repository = small.state / "repository"
    git(small.work, "clone", "-q", str(small.work), str(repository))
    small.ok("spawn", "-w", "-C", str(repository), "--kind", "command", "--name", "api", "--", "true")
    tree = Path(small.wait_state("api", "ended")["worktree"]["path"])
    (tree / "new").write_bytes(bytes(range(256)) * 2000)
    files = everything(tree)
    fill(small)

    ran = small("rm", "--trash", "api")

    assert ran.code in (1, 3)
    assert everything(tree) == files
    make_room(small)
    small.ok("rm", "--trash", "api")
    small.ok("restore", "api")
    assert everything(tree) == files
