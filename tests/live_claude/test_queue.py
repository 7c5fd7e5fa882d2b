"""The real `claude`, begun by a controller that knows nothing of who asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, trust
from tests.support.repository import repository

pytestmark = pytest.mark.claude


@pytest.mark.soak
@either_version
def test_when_its_turn_comes_it_has_its_variables_its_worktree_and_its_trust(claude: Fleet) -> None:
    work = repository(claude.root / "repository")
    (claude.home / "config.toml").write_text("max_agents = 1\n")
    claude.ok("spawn", "--name", "busy", "--kind", "command", "--", "sleep", "1000")
    claude.ok("spawn", "-w", "--trust", "-C", str(work), "--name", "api", "say: hello")
    claude.ok("say", "api", "say: again")
    assert claude.agent("api")["state"] == "queued"

    claude.ok("stop", "--grace", "0.1s", "busy")
    api = claude.wait_for("api", lambda agent: agent["turns"] == 2 and agent["state"] == "idle")

    assert [entry["text"] for entry in claude.entries("api", "--only", "text")] == ["hello", "again"]
    assert (api["branch"], api["generation"]) == ("tmuxagents/api", 1)


@pytest.mark.soak
@either_version
def test_a_branch_off_is_made_at_once_and_only_its_program_waits(claude: Fleet) -> None:
    work = repository(claude.root / "repository")
    trust(claude, work)
    claude.ok("spawn", "--name", "api", "-C", str(work), "say: first")
    claude.wait_for("api", lambda agent: agent["turns"] == 1)
    (work / "new").write_text("work\n")
    (claude.home / "config.toml").write_text("max_agents = 1\n")
    claude.ok("spawn", "--name", "busy", "--kind", "command", "--", "sleep", "1000")
    assert claude.ok("spawn", "--branch-off", "api", "--name", "copy", "--trust", "say: second").out.startswith(
        "Queued"
    )
    (work / "new").write_text("later\n")
    copy = claude.agent("copy")
    assert (copy["state"], (Path(copy["dir"]) / "new").read_text()) == ("queued", "work\n")

    claude.ok("stop", "--grace", "0.1s", "busy")
    claude.wait_for("copy", lambda agent: agent["turns"] == 1 and agent["last_text"] == "second")
    assert (Path(copy["dir"]) / "new").read_text() == "work\n"
    assert claude.ok("say", "--wait", "copy", "say: third").out == "third\n"
