"""A login that is missing is said before an agent waits for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tmuxagents.kinds import registry
from tmuxagents.services.lifecycle import login

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="there the keychain holds it")
CLAUDE = registry.kind("claude")


def missing(home: Path, **env: str) -> bool:
    return login.is_missing(CLAUDE, {"HOME": str(home), **env})


def test_without_a_key_or_a_file_it_is_missing(tmp_path: Path) -> None:
    assert missing(tmp_path)


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK"])
def test_the_environment_brings_one(tmp_path: Path, name: str) -> None:
    assert not missing(tmp_path, **{name: "1"})
    assert missing(tmp_path, **{name: ""})


@pytest.mark.parametrize("settings", [{"apiKeyHelper": "x"}, {"env": {"ANTHROPIC_AUTH_TOKEN": "x"}}])
def test_the_users_settings_bring_one(tmp_path: Path, settings: object) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text(json.dumps(settings))

    assert not missing(tmp_path)


@pytest.mark.parametrize(
    ("path", "text"),
    [(".claude/.credentials.json", '{"claudeAiOauth": {}}'), (".claude.json", '{"oauthAccount": {}}')],
)
def test_a_file_of_the_programs_holds_one(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / path).write_text("{}")
    assert missing(tmp_path)

    (tmp_path / path).write_text(text)

    assert not missing(tmp_path)


def test_another_configuration_folder_is_another_account(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / ".credentials.json").write_text('{"claudeAiOauth": {}}')

    assert missing(tmp_path, CLAUDE_CONFIG_DIR=str(tmp_path / "other"))


def test_a_program_that_needs_none_has_none_missing(tmp_path: Path) -> None:
    assert not login.is_missing(registry.kind("command"), {"HOME": str(tmp_path)})
