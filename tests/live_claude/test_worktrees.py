"""The real `claude` in a worktree of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import either_version
from tests.services.worktrees.conftest import everything
from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi, as_claude_shows, as_said
from tests.support.repository import repository, run_git

pytestmark = pytest.mark.claude


@pytest.fixture
def work(claude: Fleet) -> Path:
    """A repository beside the folder that is trusted."""
    return repository(claude.root / "repository")


@either_version
def test_it_comes_back_from_the_trash_with_its_worktree_and_its_conversation(claude: Fleet, work: Path) -> None:
    claude.ok("spawn", "-w", "--trust", "-C", str(work), "--name", "api", "say: hello")
    agent = claude.wait_for("api", lambda a: a["turns"] == 1)
    tree = Path(agent["worktree"]["path"])
    (tree / "new").write_text("work\n")
    claude.ok("stop", "api")
    files = everything(tree)

    assert claude("rm", "api").code == 3
    claude.ok("rm", "--trash", "api")
    claude.ok("restore", "api")
    assert everything(tree) == files
    claude.ok("resume", "api")

    assert claude.ok("say", "--wait", "api", "say: again").out == "again\n"
    assert claude.agent("api")["conversation"] == agent["conversation"]
    assert claude.agent("api")["branch"] == "tmuxagents/api"


@either_version
def test_without_trust_its_dialog_is_told(claude: Fleet, work: Path) -> None:
    claude.ok("spawn", "-w", "-C", str(work), "--name", "api", "say: hello")

    agent = claude.wait_for("api", lambda a: a["needs"] == "trust")

    projects = json.loads((claude.home / ".claude.json").read_text())["projects"]
    assert agent["dir"] not in projects or not projects[agent["dir"]].get("hasTrustDialogAccepted")


@either_version
def test_a_configuration_that_cannot_be_written_leaves_no_worktree(claude: Fleet, work: Path) -> None:
    (claude.home / ".claude.json").write_text('{"projects": ')

    ran = claude("spawn", "-w", "--trust", "-C", str(work), "--name", "api", "say: no")

    assert ran.code == 1
    assert claude.agents() == []
    assert not Path(f"{work}.worktrees/api").exists()
    run_git(work, "branch", "tmuxagents/api")


@either_version
def test_three_comments_arrive_as_one_prompt_and_the_next_round_shows_only_what_is_new(
    claude: Fleet, api: MessagesApi, work: Path
) -> None:
    claude.ok("spawn", "-w", "--trust", "-C", str(work), "--name", "api")
    tree = Path(claude.wait_state("api", "idle")["worktree"]["path"])
    (tree / "auth.rs").write_text("fn check() {\n\tlog(token);\n}\n// @todo é 漢\n")
    (tree / "notes").write_text("one\n")
    text = claude.ok("review", "api").out
    for line, comment in (
        ("+// @todo é 漢", "do it now,\n>> not later"),
        ("+\tlog(token);", "/never log"),
        ("+one", "two?"),
    ):
        assert f"\n{line}\n" in text
        text = text.replace(f"\n{line}\n", f"\n{line}\n>> {comment}\n")

    (told,) = claude.ok("review", "api", "-", "--json", stdin=text).json["results"]
    claude.wait_for("api", lambda a: a["turns"] == 1 and a["state"] == "idle")
    (tree / "notes").write_text("one\nand two\n")
    again = claude.ok("review", "api", "--again").out

    assert told["verdict"] in ("submitted", "queued")
    assert [as_said(prompt) for prompt in api.prompts] == [as_claude_shows(told["text"])]
    assert told["text"].endswith(
        "1. auth.rs, line 2:\n> +fn check() {\n> +\tlog(token);\n/never log\n\n"
        "2. auth.rs, line 4:\n> +\tlog(token);\n> +}\n> +// @todo é 漢\ndo it now,\nnot later\n\n"
        "3. notes, line 1:\n> +one\ntwo?"
    )
    assert [row for row in again.splitlines() if row[:1] in ("+", "-")] == ["--- a/notes", "+++ b/notes", "+and two"]
