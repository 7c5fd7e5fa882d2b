"""Where Claude Code finds that somebody is logged in."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.kinds.base import Login
from tmuxagents.kinds.claude import launch

# What makes a login needless: a key, a token, another provider.
_VARIABLES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
)
_HELPERS = ("apiKeyHelper", "awsAuthRefresh", "gcpAuthRefresh", "forceLoginMethod")


def login(env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> Login | None:
    """The credentials file, and what the configuration notes of an account or a key."""
    if sys.platform == "darwin" or any(env.get(name) for name in _VARIABLES):
        return None
    for one in settings:
        own = one.get("env")
        if any(one.get(key) for key in _HELPERS) or (isinstance(own, Mapping) and any(own.get(n) for n in _VARIABLES)):
            return None
    configuration = launch.configuration(env)
    return Login(
        {
            launch.config_folder(env) / ".credentials.json": b"claudeAiOauth",
            configuration: b"oauthAccount",
            configuration.with_name(".config.json"): b"primaryApiKey",
        }
    )
