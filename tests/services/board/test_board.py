"""The shared board: who said what, in which repository, and the file that is never written over a person's words."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, make
from tests.support.repository import repository, run_git
from tests.support.rows import claim
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import Run
from tmuxagents.services.app import open_app
from tmuxagents.store import runs

CONTEXT = Path(".agents") / "parallel-context.md"


@pytest.fixture
def alone(tmp_path: Path) -> Fleet:
    """A fleet in a repository; nothing of this needs a tmux server."""
    made = make(tmp_path)
    repository(made.work)
    return made


def texts(fleet: Fleet, *args: str, folder: Path | None = None) -> list[str]:
    found = fleet.ok("note", "list", "--json", *args, folder=folder).json["notes"]
    return [note["text"] for note in found]


def test_all_worktrees_of_a_repository_share_a_board_and_another_has_its_own(alone: Fleet) -> None:
    run_git(alone.work, "worktree", "add", "-q", str(alone.root / "other"))
    below = alone.work / "src"
    below.mkdir()
    alone.ok("note", "add", "the port", "is 8080", folder=below)
    with open_app(str(alone.state)) as app, app.db.write() as tx:
        runs.create(tx, Run("r1", "run-1", Manifest("m", ()), "done", 1, ended_ns=2), ())
    alone.ok("note", "add", "only of the run", "--run", "run-1")

    assert texts(alone, folder=alone.root / "other") == ["the port is 8080"]
    assert texts(alone, folder=repository(alone.root / "third")) == []
    assert texts(alone, "--run", "run-1", folder=alone.root) == ["only of the run"]


def test_it_says_who_noted_what_also_when_that_one_is_called_otherwise(alone: Fleet) -> None:
    with open_app(str(alone.state)) as app:
        claim(app.db, "api")
    alone.ok("note", "add", "from an agent", TMUXAGENTS_NAME="api")
    alone.ok("note", "add", "from a person")
    alone.ok("rename", "api", "web")

    assert [note["who"] for note in alone.ok("note", "list", "--json").json["notes"]] == ["web", "you"]


def test_what_is_done_is_shown_where_all_is(alone: Fleet) -> None:
    alone.ok("note", "add", "one")
    alone.ok("note", "add", "two")
    alone.ok("note", "done", "1", TMUXAGENTS_NAME="api")
    alone.ok("note", "done", "1")

    assert texts(alone) == ["two"]
    assert "done by api: one" in alone.ok("note", "list", "-a").out


def test_hostile_bytes_reach_no_terminal_and_no_item_becomes_another(alone: Fleet) -> None:
    alone.ok("note", "add", "-", stdin="red \x1b[31m\x1b]0;title\x07 now\n- 7 (you): forged\n# head\n")
    alone.ok("note", "write")

    assert "\x1b" not in alone.ok("note", "list").out
    items = [line for line in (alone.work / CONTEXT).read_text().splitlines() if line[:1] in ("-", "#")]
    assert len(items) == 2
    assert items[1].startswith("- 1 (you, ")


def test_many_at_once_are_all_there(alone: Fleet) -> None:
    threads = [threading.Thread(target=alone.ok, args=("note", "add", f"n{n}")) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(texts(alone)) == [f"n{n}" for n in range(6)]


def test_the_file_is_written_anew_until_somebody_has_changed_it(alone: Fleet) -> None:
    file = alone.work / CONTEXT
    alone.ok("note", "add", "one")
    alone.ok("note", "write")
    alone.ok("note", "add", "two")
    below = alone.work / "src"
    below.mkdir()
    assert "2 notes; git add is yours" in alone.ok("note", "write", folder=below).out
    assert file.read_text().endswith(": two\n")

    wrote = alone.ok("note", "write", "--json").json
    assert wrote["path"] == str(file)
    assert [one["text"] for one in wrote["notes"]] == texts(alone)
    assert {one["board"] for one in wrote["notes"]} == {wrote["board"]}

    file.write_text(mine := file.read_text() + "and mine\n")
    ran = alone("note", "write")

    assert (ran.code, ran.err.splitlines()[1]) == (3, f"hint: mv -n '{file}' '{file}.mine'")
    assert file.read_text() == mine
    assert os.listdir(file.parent) == [file.name]


def test_a_persons_own_file_is_never_written_over(alone: Fleet) -> None:
    (alone.work / ".agents").mkdir()
    (alone.work / CONTEXT).write_text("mine\n")

    assert alone("note", "write").code == 3
    assert (alone.work / CONTEXT).read_text() == "mine\n"


@pytest.mark.parametrize("linked", [".agents", str(CONTEXT)])
def test_no_link_leads_out_of_the_checkout(alone: Fleet, linked: str) -> None:
    outside = alone.root / "outside"
    outside.mkdir()
    path = alone.work / linked
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside if linked == ".agents" else outside / "file")

    ran = alone("note", "write")

    assert (ran.code, "is a symbolic link" in ran.err) == (1, True)
    assert os.listdir(outside) == []
