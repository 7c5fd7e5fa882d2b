"""What has been changed in a checkout since a moment, on real git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.worktrees import commit, git
from tmuxagents.drivers.git import changes, places
from tmuxagents.drivers.git.changes import Moment
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.model import codec

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return worktrees.make(tmp_path).worktree("api")


def at(tree: Path) -> Checkout:
    found = places.of(str(tree))
    assert found is not None
    return found


def moment(tree: Path) -> Moment:
    found = changes.now(at(tree))
    assert found is not None
    return found


def since(tree: Path, before: Moment) -> list[str]:
    return changes.between(at(tree), before, moment(tree))


def test_what_is_written_staged_committed_moved_and_deleted_since_is_named(tree: Path) -> None:
    (tree / "text").write_text("before\n")
    (tree / "new").write_text("before\n")
    before = moment(tree)
    assert since(tree, before) == []

    (tree / "deep" / "er" / "file").write_text("x\n")
    (tree / "a name\nwith \udcff").write_text("x\n")
    git(tree, "rm", "-q", "binary")
    git(tree, "mv", "other", "moved")
    assert since(tree, before) == ["a name\nwith \udcff", "binary", "deep/er/file", "moved", "other"]

    commit(tree)
    assert since(tree, before) == ["a name\nwith \udcff", "binary", "deep/er/file", "moved", "new", "other", "text"]


def test_what_lay_there_before_counts_when_it_is_written_or_taken_back(tree: Path) -> None:
    (tree / "text").write_text("before\n")
    (tree / "other").write_text("before\n")
    (tree / "x.ignored").write_text("ignored\n")
    before = moment(tree)

    git(tree, "checkout", "-q", "text")
    (tree / "x.ignored").write_text("other\n")

    assert since(tree, before) == ["text"]


def test_what_came_from_another_branch_was_done_there(tree: Path) -> None:
    before = moment(tree)
    main = tree.parent.parent / "main"
    (main / "theirs").write_text("x\n")
    (main / "text").write_text("theirs\n")
    commit(main)
    (tree / "text").write_text("mine\n")
    commit(tree)

    with pytest.raises(Exception, match="merge"):
        git(tree, "merge", "-q", "main")
    assert changes.now(at(tree)) is None, "it lies about, and is nobody's yet"
    git(tree, "checkout", "-q", "--theirs", "text")
    git(tree, "commit", "-q", "-a", "-m", "merged")

    assert since(tree, before) == ["text"]


def test_a_moment_is_kept_as_json(tree: Path) -> None:
    (tree / "a \udcff").write_text("x\n")

    assert codec.decode(Moment, codec.encode(moment(tree))) == moment(tree)


def test_nothing_that_is_configured_is_run(tree: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for key in ("core.fsmonitor", "diff.external", "filter.x.clean", "diff.x.textconv"):
        git(tree, "config", key, f"touch {canary};false")
    (tree / ".gitattributes").write_text("* filter=x diff=x\n")
    before = moment(tree)
    (tree / "text").write_text("x\n")
    found = since(tree, before)

    assert found == ["text"]
    assert not canary.exists()
