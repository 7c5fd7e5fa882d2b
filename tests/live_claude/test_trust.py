"""`--trust` makes the one entry in Claude Code's configuration, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.repository import repository

pytestmark = pytest.mark.claude


@pytest.fixture
def unknown(claude: Fleet) -> Path:
    """A folder that Claude Code has never seen."""
    folder = claude.root / "unknown"
    folder.mkdir()
    return folder


def test_trust_starts_in_an_unknown_folder_without_a_dialog(claude: Fleet, unknown: Path) -> None:
    before = json.loads((claude.home / ".claude.json").read_text())

    claude.ok("spawn", "say: trusted", "-C", str(unknown), "--trust")

    assert claude.wait_for("agent-1", lambda a: a["turns"] == 1)["last_text"] == "trusted"
    assert not [e for e in claude.entries() if e["kind"] == "needs"]
    after = json.loads((claude.home / ".claude.json").read_text())
    assert after["projects"][str(unknown)]["hasTrustDialogAccepted"] is True
    assert after["customApiKeyResponses"] == before["customApiKeyResponses"]
    # Claude Code takes the same lock for a moment whenever it writes.
    eventually(lambda: not (claude.home / ".claude.json.lock").exists())


def test_trust_leaves_a_configuration_alone_that_it_cannot_read(claude: Fleet, unknown: Path) -> None:
    (claude.home / ".claude.json").write_text('{"projects": ')

    ran = claude("spawn", "say: no", "-C", str(unknown), "--trust")

    assert ran.code == 1
    assert "is not JSON, so nothing was written" in ran.err
    assert (claude.home / ".claude.json").read_text() == '{"projects": '
    assert claude.agents() == []


def test_a_setting_of_the_users_trusts_and_one_of_a_repository_does_not(claude: Fleet, unknown: Path) -> None:
    other = repository(claude.root / "theirs", "trust = true\n")
    claude.ok("spawn", "say: not yet", "-C", str(other))
    claude.wait_for("agent-1", lambda a: a["needs"] == "trust")

    (claude.home / "config.toml").write_text("trust = true\n")
    claude.ok("spawn", "say: trusted", "-C", str(unknown))

    assert claude.wait_for("agent-2", lambda a: a["turns"] == 1)["last_text"] == "trusted"
    projects = json.loads((claude.home / ".claude.json").read_text())["projects"]
    assert not projects.get(str(other), {}).get("hasTrustDialogAccepted")


@pytest.mark.soak
@either_version
def test_a_permission_mode_of_the_users_is_the_programs_and_no_trust_takes_a_trust_back(
    claude: Fleet, unknown: Path
) -> None:
    (claude.home / "config.toml").write_text('trust = true\n[profile.careful]\npermission_mode = "plan"\n')

    claude.ok("spawn", "say: planned", "--profile", "careful")
    claude.ok("spawn", "say: not yet", "-C", str(unknown), "--no-trust")

    claude.wait_for("agent-1", lambda a: a["turns"] == 1)
    eventually(lambda: "plan mode on" in claude.screen("agent-1"))
    claude.wait_for("agent-2", lambda a: a["needs"] == "trust")
