"""The real `claude`, begun by a controller that knows nothing of who asked for it."""

from __future__ import annotations

import pytest

from tests.support.fleet import Fleet
from tests.support.repository import repository

pytestmark = pytest.mark.claude


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
