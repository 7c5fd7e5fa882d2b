"""A prompt for several of the real program: compared, joined, one of them picked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fleet import PATIENCE_S, Fleet
from tests.support.messages_api import MessagesApi
from tests.support.repository import repository
from tests.support.worktrees import git

pytestmark = pytest.mark.claude


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_three_are_compared_and_joined_and_one_is_picked(claude: Fleet, api: MessagesApi) -> None:
    work = repository(claude.root / "repository")
    (claude.home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    claude.ok("config", "set", "trust", "true")
    options = ["-w", "--permission-mode", "acceptEdits", "-C", str(work), "--check", "test -s made"]

    ran = claude(
        *("fork", "-n", "3", *options, "--join", "say: the second", "--compare", "write: made"), within=3 * PATIENCE_S
    )

    assert ran.code == 0, ran
    began, _, *rows = ran.out.splitlines()
    assert began == "Began run-1: 3 tries and a join"
    for row, key in zip(rows, ("try-1", "try-2", "try-3"), strict=False):
        words = row.split()
        assert (words[:2], words[4:]) == ([key, "done"], ["passed", "+1", "-0", "in", "1", "file", "into", "main"])
        assert words[3].startswith("$0.")
    assert (ran.out.count("wrote"), ran.out.count("A +1 -0 made")) == (3, 3)
    assert ran.out.endswith("\nthe second\n")
    (told,) = [prompt for prompt in api.prompts if prompt.startswith("say: the second")]
    assert "The answers of all 3:" in told
    assert told.count("wrote") == 3

    picked = claude.ok("pick", "run-1", "try-2", "--commit", "--rest", "rm").out.splitlines()

    assert picked[0].startswith("fast-forwarded into main: run-1-try-2 (")
    assert (work / "made").read_text() == "scripted\n"
    assert git(work, "status", "--porcelain") == ""
    assert [agent["name"] for agent in claude.agents()] == ["run-1-join"]
    assert not [path for path in Path(f"{work}.worktrees").iterdir() if path.name.startswith("run-1")]
